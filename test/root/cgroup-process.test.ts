// Processes of a real cgroup: listed, paused, killed, and the group removed with them.
import { existsSync, mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { KernelError } from "../../src/base/error.ts";
import { createCgroup, writeCgroupFile } from "../../src/kernel/cgroup/file.ts";
import { freezeCgroup, killCgroup, listMembers, listPids, readFreezer } from "../../src/kernel/cgroup/process.ts";
import { removeCgroup } from "../../src/kernel/cgroup/remove.ts";
import { isRunning } from "../../src/kernel/proc/identity.ts";
import { readProcessStat } from "../../src/kernel/proc/stat.ts";
import { lineOf, makeGroup, outcomeOf } from "../cgroup/group.ts";
import { waitFor } from "../fixture/wait.ts";

t.test("members are found, in groups below too", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const child = await group.start("sleep 100 & echo $!; wait");
  const inner = Number(await lineOf(child));
  t.strictSame(
    listMembers(group.directories),
    [child.pid ?? 0, inner].sort((a, b) => a - b),
  );
  const dir = group.into ?? group.directories.freezer ?? "";
  mkdirSync(`${dir}/inner`);
  writeCgroupFile(`${dir}/inner/cgroup.procs`, `${inner}`);
  t.strictSame(
    listPids(dir),
    [child.pid ?? 0, inner].sort((a, b) => a - b),
  );
});

t.test("a frozen container stands still and can be killed while frozen", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const child = await group.start("echo up; while :; do :; done");
  await lineOf(child);
  t.equal(readFreezer(group.directories), "thawed");
  freezeCgroup(group.directories);
  t.equal(readFreezer(group.directories), "frozen");
  const before = readProcessStat(child.pid ?? 0);
  t.equal(readProcessStat(child.pid ?? 0)?.userTicks, before?.userTicks);
  const ended = outcomeOf(child);
  killCgroup(group.directories);
  t.equal((await ended).signal, "SIGKILL");
});

t.test("killing reaches everybody, other signals too", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const children = await Promise.all([1, 2, 3].map(() => group.start("sleep 100 & sleep 100; wait")));
  const outcomes = children.map(outcomeOf);
  killCgroup(group.directories);
  for (const { signal } of await Promise.all(outcomes)) t.equal(signal, "SIGKILL");
  // A shell on its way into a read would hear of the signal only when that ends.
  const polite = await group.start("trap 'exit 7' TERM; echo up; while :; do :; done");
  await lineOf(polite);
  const politely = outcomeOf(polite);
  killCgroup(group.directories, "SIGTERM");
  t.equal((await politely).code, 7);
});

t.test("killing reaches who is being forked", async (t) => {
  const script = `exec perl -e '$| = 1; fork for 1..4; while (1) { print "up\\n" if ++$n == 30; fork or sleep 100 }'`;
  // Without a list that is whole, one of three kills misses somebody.
  for (let round = 1; round <= 8; round++) {
    const group = makeGroup({ pidsLimit: 500 });
    t.teardown(() => group.remove());
    const child = await group.start(script);
    await lineOf(child);
    child.stdout?.resume();
    killCgroup(group.directories);
    await waitFor(`everybody's end, round ${round}`, () => listMembers(group.directories).length === 0);
  }
});

t.test("removal kills what is left, whatever groups it made", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const child = await group.start("trap '' TERM; echo up; while :; do sleep 100; done");
  await lineOf(child);
  const start = readProcessStat(child.pid ?? 0)?.startTicks ?? 0;
  t.ok(isRunning({ pid: child.pid ?? 0, startTime: start }));
  t.notOk(isRunning({ pid: child.pid ?? 0, startTime: start + 1 }), "another process of that number");
  const dirs = [...new Set(Object.values(group.directories))];
  for (const dir of dirs) mkdirSync(`${dir}/a/b`, { recursive: true });
  const ended = outcomeOf(child);
  group.remove();
  t.notOk(isRunning({ pid: child.pid ?? 0, startTime: start }));
  for (const dir of dirs) t.notOk(existsSync(dir));
  t.equal((await ended).signal, "SIGKILL");
  group.remove();
});

t.test("a fork bomb does not outrun the removal", async (t) => {
  const group = makeGroup({ pidsLimit: 60 });
  t.teardown(() => group.remove());
  const child = await group.start("echo up; f() { f & f; }; f 2>/dev/null");
  child.stdout?.resume();
  child.stderr?.resume();
  await lineOf(child);
  group.remove();
  t.strictSame(listMembers(group.directories), []);
});

t.test("an empty group left over is replaced, one in use is a conflict", async (t) => {
  const group = makeGroup({ pidsLimit: 5 });
  t.teardown(() => group.remove());
  const dir = group.into ?? group.directories.pids ?? "";
  createCgroup(dir);
  const child = await group.start("read end");
  t.throws(() => createCgroup(dir), { name: "KernelError", kind: "conflict" });
  const ended = outcomeOf(child);
  child.kill("SIGKILL");
  await ended;
});

t.test("nothing but a tsns cgroup is removed", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const dir = group.into ?? group.directories.pids ?? "";
  mkdirSync(`${dir}/other`);
  t.throws(() => removeCgroup(`${dir}/other`), { code: "cgroup-foreign" });
  t.throws(() => removeCgroup(`${dir}/tsns-x/../other`), { code: "cgroup-foreign" });
  t.throws(() => removeCgroup(dir.slice(0, dir.lastIndexOf("/"))), { code: "cgroup-foreign" });
  const plain = mkdtempSync(`${tmpdir()}/tsns-test-`);
  t.throws(() => removeCgroup(plain), { code: "cgroup-foreign" });
  t.ok(existsSync(plain));
  rmdirSync(plain);
  removeCgroup(`${dir}/tsns-absent`);
  removeCgroup("/sys/fs/cgroup/absent/tsns-absent");
});

t.test("a refused value names file and value", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const dir = group.into ?? group.directories.pids ?? "";
  try {
    writeCgroupFile(`${dir}/pids.max`, "many");
    t.fail("the kernel took it");
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    t.match(error.message, `"many" to ${dir}/pids.max`);
    t.equal(error.errno, "EINVAL");
  }
});
