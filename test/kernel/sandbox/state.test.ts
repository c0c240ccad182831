// The monitor's files.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import {
  parseExitFile,
  parseMonitorFile,
  readExitFile,
  readMonitorFile,
  removeMonitorFile,
  writeOwnerFile,
} from "../../../src/kernel/sandbox/state.ts";

t.test("monitor", async (t) => {
  t.same(parseMonitorFile("10 20 30 40\n"), { monitorPid: 10, monitorStart: 20, initPid: 30, initStart: 40 });
  // signals go to these pids: -1 would be everybody
  for (const text of [
    "",
    "\n",
    "10 20 30",
    "10 20 30 40 50\n",
    "-1 20 30 40\n",
    "0 20 30 40",
    "1e3 20 30 40",
    "0x1 2 3 4",
    "10  30 40 50",
    "a b c d",
  ])
    t.equal(parseMonitorFile(text), undefined, JSON.stringify(text));
});

t.test("exit", async (t) => {
  t.same(parseExitFile("code 137\nsignal 9\nfinished 1790000000.123456789\noom a\\nb\\\\n\\x1b\n"), {
    code: 137,
    signal: 9,
    finishedMs: 1_790_000_000_123,
    records: { code: "137", signal: "9", finished: "1790000000.123456789", oom: "a\nb\\n\x1b" },
  });
  for (const text of ["", "code\n", "code \n", "code x\nsignal y\nfinished z\n", "code -1\n"])
    t.match(parseExitFile(text), { code: 255, signal: 0, finishedMs: 0 }, JSON.stringify(text));
});

t.test("files", async (t) => {
  const directory = mkdtempSync(`${tmpdir()}/tsns-state-`);
  t.teardown(() => rmSync(directory, { recursive: true }));
  t.equal(readMonitorFile(directory), undefined);
  t.equal(readExitFile(`${directory}/none`), undefined);
  writeFileSync(`${directory}/monitor`, "1 2 3 4\n");
  writeFileSync(`${directory}/exit`, "code 3\n");
  t.match(readMonitorFile(directory), { initPid: 3 });
  t.match(readExitFile(directory), { code: 3 });
  t.equal(readExitFile(`${directory}/monitor`), undefined, "no directory, no file");
  writeOwnerFile(directory, 7, 8);
  t.equal(readFileSync(`${directory}/owner`, "utf8"), "7 8\n");
  writeFileSync(`${directory}/attach`, "");
  removeMonitorFile(directory);
  removeMonitorFile(directory);
  for (const name of ["monitor", "exit", "owner", "attach"]) t.notOk(existsSync(`${directory}/${name}`));
});
