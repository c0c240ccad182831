// Ways into what runs already: joining namespaces by file or process, control groups, and the order of a start.
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CLONE, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { alive, cloneFlags, errorLine, gone, makeBox, makePlan, outputOf, runAttached, startDetached } from "./sandbox.ts";

const kinds = ["pid", "mnt", "net", "ipc", "uts"] as const;
const exec = (...command: string[]): Operation[] => [["clone", "0"], ["barrier"], ["env", "PATH=/bin"], ["exec", ...command]];

t.test("a second process in a running container", needRoot, async (t) => {
  const box = makeBox(t);
  const { initPid } = startDetached(
    t,
    box,
    makePlan(box, ["sleep", "1000"], { state: true, stdio: "null", inside: [["hostname", "here"]] }),
  );
  const enter: Operation = ["setns-pid", `${initPid}`, `${alive(initPid)}`, ...kinds];
  const seen = runAttached(box, [["stdio", "pipe"], enter, ...exec("sh", "-c", "hostname; cat /proc/1/comm; ls /dev; exit 4")]);
  t.match(seen, { code: 4, stdout: "here\nsleep\nnull\nptmx\npts\n", report: /^started \d+ \d+\n$/ });
  const plain: Operation = ["setns-pid", `${initPid}`, ...kinds];
  t.equal(runAttached(box, [["stdio", "pipe"], ["stdin", "once"], plain, ...exec("cat")], "through").stdout, "through");
  t.equal(
    runAttached(box, [["stdio", "pty"], plain, ["clone", "0"], ["barrier"], ["pty", "0", "0"], ["env", "PATH=/bin"], ["exec", "tty"]])
      .stdout,
    "/dev/pts/0\r\n",
  );
  for (let fd = 3; fd < 20; fd++) {
    const into: Operation[] = [["clone", "0"], ["barrier"], ["chdir", `/proc/self/fd/${fd}`, "0"], ["exec", "/bin/true"]];
    t.match(runAttached(box, [enter, ...into]).report, /^error 3 chdir chdir (ENOTDIR|ENOENT) /, `descriptor ${fd} leads nowhere`);
  }
  const stale: Operation = ["setns-pid", `${initPid}`, "12345", ...kinds];
  t.equal(runAttached(box, [stale, ...exec("true")]).report, `error 0 setns-pid pidfd_open ESRCH ${initPid}\n`);
  t.match(runAttached(box, [["setns-pid", `${initPid}`, "moon"], ...exec("true")]).report, /^error 0 setns-pid parse EINVAL moon$/m);
  process.kill(initPid, "SIGKILL");
  await gone(initPid);
  t.match(runAttached(box, [stale, ...exec("true")]).report, /^error 0 setns-pid pidfd_open ESRCH /);
});

t.test("namespaces joined by their files", needRoot, async (t) => {
  const box = makeBox(t);
  const { initPid } = startDetached(t, box, makePlan(box, ["sleep", "1000"], { state: true, stdio: "null" }));
  const monitor: Operation[] = [
    ["open", "110", `/proc/${initPid}/ns/net`],
    ["open", "111", `/proc/${initPid}/ns/pid`],
    ["setns", "111", `${CLONE.NEWPID}`],
  ];
  const options = { monitor, inside: [["setns", "110", `${CLONE.NEWNET}`] as const], flags: cloneFlags & ~(CLONE.NEWNET | CLONE.NEWPID) };
  const output = outputOf(box, "readlink /proc/1/ns/net; readlink /proc/self/ns/net; cat /proc/1/comm", options).split("\n");
  t.equal(output[0], output[1]);
  t.equal(output[2], "sleep");
  t.match(errorLine(runAttached(box, makePlan(box, ["true"], { inside: [["setns", "150", "0"]] })).report), / setns setns EBADF 150$/);
});

/** A directory in a hierarchy that every machine of the tests has; removed with the test. */
function makeGroup(t: { teardown(run: () => void): void }, top: string): string {
  const dir = join(top, `tsns-native-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(dir);
  t.teardown(() => {
    for (let tries = 0; tries < 100; tries++) {
      try {
        return rmdirSync(dir);
      } catch {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }
    }
  });
  return dir;
}

const unified =
  ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].find(
    (path) => existsSync(join(path, "cgroup.procs")) && existsSync(join(path, "cgroup.controllers")),
  ) ?? "";

t.test("control groups hold from the first instruction", needRoot, async (t) => {
  const box = makeBox(t);
  const group = makeGroup(t, unified);
  const name = group.slice(unified.length);
  const seen = (monitor: Operation[]) => outputOf(box, "grep '^0::' /proc/self/cgroup", { monitor });
  t.equal(seen([["cgroup-fd", group]]), `0::${name}\n`);
  t.equal(seen([["cgroup-join", join(group, "cgroup.procs")]]), `0::${name}\n`);
  t.equal(
    outputOf(box, "grep '^0::' /proc/self/cgroup", { monitor: [["cgroup-fd", group]], after: [["unshare", `${CLONE.NEWCGROUP}`]] }),
    "0::/\n",
  );
  const missing = runAttached(box, makePlan(box, ["true"], { monitor: [["cgroup-join", "/none/cgroup.procs"]] })).report;
  t.match(missing, /^error 2 cgroup-join open ENOENT \/none\/cgroup.procs$/m);
});

t.test("a failed join leaves nothing running", needRoot, async (t) => {
  const box = makeBox(t);
  const monitor: Operation[] = [["cgroup-join", "/dev/full"]];
  const result = runAttached(box, makePlan(box, ["sleep", "1000"], { state: true, monitor }));
  t.match(result, { code: 125, report: "error 4 cgroup-join write ENOSPC /dev/full\n" });
  t.notOk(existsSync(join(box.state, "monitor")));
  t.notOk(existsSync(join(box.state, "attach")));
});

t.test("a device filter on a control group", needRoot, async (t) => {
  const box = makeBox(t);
  const group = makeGroup(t, unified);
  const inside: Operation[] = [["mknod-at", "/dev/zero", "20666", "1", "5"]];
  // mov r0, 0; exit: no device at all. The second program: mov r0, 1; exit.
  const program = (verdict: number) => `b7000000${`0${verdict}`}0000009500000000000000`;
  const read = (monitor: Operation[]) =>
    runAttached(box, makePlan(box, ["head", "-c", "1", "/dev/zero"], { monitor: [...monitor, ["cgroup-fd", group]], inside }));
  t.match(read([["cgroup-devices", group, program(1)]]), { code: 0, stdout: "\0" });
  t.match(read([["cgroup-devices", group, program(0)]]), { stdout: "", stderr: /Operation not permitted/ });
  t.match(read([["cgroup-devices", group, "b7"]]).report, / cgroup-devices parse EINVAL /);
  t.match(read([["cgroup-devices", group, "ff".repeat(16)]]).report, / cgroup-devices BPF_PROG_LOAD EINVAL /);
  t.match(read([["cgroup-devices", join(box.dir, "none"), program(1)]]).report, / cgroup-devices open ENOENT /);
  t.ok(readFileSync(join(group, "cgroup.procs"), "utf8") === "");
});
