// The newest events: kept up to a number, oldest first, told as they come.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { openEngine } from "../../../src/engine/engine.ts";
import { recordEvent } from "../../../src/engine/event.ts";
import { appendEvents, watchEvents } from "../../../src/engine/live/event.ts";

const line = (id: string) => `{"Type":"image","Action":"tag","Actor":{"ID":"${id}","Attributes":{}},"scope":"local","time":1,"timeNano":1}`;

t.test("only so many are kept, what is no event is left out", async (t) => {
  const first = appendEvents([], ["a", "b", "c"].map(line), 2);
  t.same(
    first.map(({ id }) => id),
    ["b", "c"],
  );
  t.same(
    appendEvents(first, [line("d"), "{cut"], 2).map(({ id }) => id),
    ["c", "d"],
  );
  t.equal(appendEvents(first, ["no event"], 2), first, "nothing has come: the same value");
});

t.test("what there is, then what comes, until the signal", async (t) => {
  const root = mkdtempSync(`${tmpdir()}/tsns-live-event-`);
  t.teardown(() => rmSync(root, { recursive: true }));
  const engine = openEngine(root);
  recordEvent(engine, { type: "volume", action: "create", id: "one" });
  const end = new AbortController();
  const events = watchEvents(engine, end.signal);
  t.match((await events.next()).value, [{ id: "one" }]);
  const next = events.next();
  recordEvent(engine, { type: "volume", action: "create", id: "two" });
  t.match((await next).value, [{ id: "one" }, { id: "two" }]);
  const last = events.next();
  end.abort();
  t.equal((await last).done, true);
});
