// How large a tree is, at once and in steps.
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { measureSize, sizeSteps } from "../../../src/kernel/tree/size.ts";

t.test("files, one with two names once, and what is not there", async (t) => {
  const top = t.testdir({ a: "12345", deep: { b: "123" } });
  linkSync(`${top}/a`, `${top}/deep/again`);
  t.match(measureSize(top), { fileBytes: 8, entries: 4 });
  t.match(measureSize(`${top}/nothing`), { fileBytes: 0, entries: 0 });
});

t.test("a directory of many names is read in parts, with stops in between", async (t) => {
  const top = t.testdir({});
  mkdirSync(`${top}/many`);
  // Long names: its own size is above a megabyte on file systems that count it.
  for (let at = 0; at < 6000; at++) writeFileSync(`${top}/many/${`${at}`.padEnd(200, "x")}\u00e9`, "1");
  const steps = sizeSteps(top);
  let stops = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) stops++;
  t.match(step.value, { fileBytes: 6000, entries: 6002 });
  t.ok(stops >= 20, `${stops}`);
});
