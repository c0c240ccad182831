// A line read again from its place, also when its file is not there any more.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import { containerDirectory } from "../../../../src/engine/container/directory.ts";
import { readWholeLine } from "../../../../src/engine/container/log/whole.ts";
import { openLogSource } from "../../../../src/engine/live/log-source.ts";
import { insertContainer } from "../../../../src/store/container-record.ts";
import { jsonEntry } from "../../../fixture/log-entry.ts";
import { makeRecord } from "../../../fixture/request.ts";
import { reuseInode } from "../../../fixture/reused-inode.ts";
import { openTestEngine } from "../../../fixture/store.ts";

t.test("from its file under any name, and from no other file", async (t) => {
  const engine = openTestEngine(t);
  const record = makeRecord({ id: "c".repeat(64), name: "web" });
  insertContainer(engine.store, record);
  const { log } = containerDirectory(engine.root, record.id);
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, jsonEntry("first\n", 1000) + jsonEntry("other\n", 2000));
  const source = openLogSource(engine, record, 0, "start", 1);
  source.readNewer();
  source[Symbol.dispose]();
  const [, mark = assert.fail("no second line")] = source.after.lines;
  t.equal(readWholeLine(engine, record.id, mark)?.text, "other");
  t.equal(readWholeLine(engine, record.id, { ...mark, ms: mark.ms + 1 }), undefined, "another line at its place");
  renameSync(log, `${log}.1`);
  writeFileSync(log, "");
  t.equal(readWholeLine(engine, record.id, mark)?.text, "other", "rotated");
  const gone = statSync(`${log}.1`, { bigint: true });
  unlinkSync(`${log}.1`);
  unlinkSync(log);
  reuseInode(gone, log);
  appendFileSync(log, jsonEntry("later\n", 3000) + jsonEntry("wrong\n", 4000));
  t.equal(readWholeLine(engine, record.id, mark), undefined, "rotated away");
});
