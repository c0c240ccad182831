// The logs of several containers as one: what is written while they are looked at stays in order of time.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import { containerDirectory } from "../../../../src/engine/container/directory.ts";
import { readSeveral } from "../../../../src/engine/container/log/merge.ts";
import { jsonEntry } from "../../../fixture/log-entry.ts";
import { makeRecord } from "../../../fixture/request.ts";
import { openTestEngine } from "../../../fixture/store.ts";

t.test("between what has been written and what is followed", async (t) => {
  const engine = openTestEngine(t);
  const records = ["one", "two"].map((name, at) => makeRecord({ id: `${at}`.repeat(64), name }));
  const [one = "", two = ""] = records.map(({ id }) => containerDirectory(engine.root, id).log);
  for (const log of [one, two]) mkdirSync(dirname(log), { recursive: true });
  writeFileSync(one, jsonEntry("first\n", 1000));
  writeFileSync(two, jsonEntry("second\n", 2000));
  let said = "";
  const request = { timestamps: false, details: false, follow: true, signal: new AbortController().signal };
  await readSeveral(engine, records, request, (_, bytes) => {
    if (said === "") {
      appendFileSync(one, jsonEntry("fourth\n", 4000));
      appendFileSync(two, jsonEntry("third\n", 3000));
    }
    said += Buffer.from(bytes).toString();
  });
  t.equal(said, "one | first\ntwo | second\ntwo | third\none | fourth\n");
});
