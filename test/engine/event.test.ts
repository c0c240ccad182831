// Events: lines in docker's shape, a file that does not grow for ever.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { openEngine } from "../../src/engine/engine.ts";
import { eventFile, recordEvent } from "../../src/engine/event.ts";

t.test("one line each, with nanoseconds as a number", async (t) => {
  const root = mkdtempSync(`${tmpdir()}/tsns-event-`);
  t.teardown(() => rmSync(root, { recursive: true }));
  const engine = openEngine(root);
  recordEvent(engine, { type: "container", action: "start", id: "a", attributes: { name: "web" } });
  recordEvent(engine, { type: "volume", action: "mount", id: "data" });
  const text = readFileSync(eventFile(root), "utf8");
  const [first, second, rest] = text.split("\n");
  t.match(first, /"timeNano":\d{19}\}$/);
  t.match(JSON.parse(first ?? ""), { Type: "container", Action: "start", Actor: { ID: "a", Attributes: { name: "web" } }, scope: "local" });
  t.match(JSON.parse(second ?? ""), { Type: "volume", Action: "mount", Actor: { ID: "data", Attributes: {} } });
  t.equal(rest, "");
});

t.test("a large file is put aside, a root that is gone is no failure", async (t) => {
  const root = mkdtempSync(`${tmpdir()}/tsns-event-`);
  const engine = openEngine(root);
  appendFileSync(eventFile(root), Buffer.alloc((1 << 20) + 1, "x"));
  recordEvent(engine, { type: "image", action: "tag", id: "i" });
  t.equal(statSync(`${eventFile(root)}.1`).size, (1 << 20) + 1);
  t.match(readFileSync(eventFile(root), "utf8"), /^\{.*\}\n$/);
  rmSync(root, { recursive: true });
  t.doesNotThrow(() => recordEvent(engine, { type: "image", action: "untag", id: "i" }));
});
