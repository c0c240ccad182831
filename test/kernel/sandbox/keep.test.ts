// The monitor's files on restarts and health.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import {
  isMarkedStopped,
  markStopped,
  parseHealthFile,
  readHealthFile,
  readRestartingFile,
  removeMonitorFile,
} from "../../../src/kernel/sandbox/state.ts";

t.test("health", async (t) => {
  t.same(parseHealthFile("starting 0\n"), { status: "starting", failingStreak: 0, log: [] });
  const text = "unhealthy 3\n1790000000123456789 1790000001000000000 1 out\\nerr\\x1b\\\\\n1790000002000000000 1790000003000000000 -1 \n";
  t.same(parseHealthFile(text), {
    status: "unhealthy",
    failingStreak: 3,
    log: [
      { startMs: 1_790_000_000_123, endMs: 1_790_000_001_000, exitCode: 1, output: "out\nerr\x1b\\" },
      { startMs: 1_790_000_002_000, endMs: 1_790_000_003_000, exitCode: -1, output: "" },
    ],
  });
  t.same(parseHealthFile("healthy 0\nwhat\n1 2 3 4\n"), { status: "healthy", failingStreak: 0, log: [] }, "what is no record is left out");
  for (const wrong of ["", "\n", "well 0\n", "healthy\n", "healthy -1\n", "healthy 0 1\n"]) t.equal(parseHealthFile(wrong), undefined);
});

t.test("restarting, stopped, and all of them gone in the end", async (t) => {
  const directory = mkdtempSync(`${tmpdir()}/tsns-state-`);
  t.teardown(() => rmSync(directory, { recursive: true }));
  t.equal(readRestartingFile(directory), undefined);
  t.notOk(isMarkedStopped(directory));
  writeFileSync(`${directory}/restarting`, "3 1790000000123\n");
  t.same(readRestartingFile(directory), { count: 3, nextMs: 1_790_000_000_123 });
  for (const wrong of ["", "3", "x y\n", "-1 5\n"]) {
    writeFileSync(`${directory}/restarting`, wrong);
    t.equal(readRestartingFile(directory), undefined, JSON.stringify(wrong));
  }
  for (const name of ["restart", "health", "probe", "actor"]) writeFileSync(`${directory}/${name}`, "healthy 0\n");
  markStopped(directory);
  t.ok(isMarkedStopped(directory));
  t.match(readHealthFile(directory), { status: "healthy" });
  removeMonitorFile(directory);
  for (const name of ["restarting", "stopped", "restart", "health", "probe", "actor"]) t.notOk(existsSync(`${directory}/${name}`), name);
});
