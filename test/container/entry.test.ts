// How exec enters: cgroups first, then namespaces, then the process.
import t from "tap";
import { type EntryInput, planEntry } from "../../src/container/entry.ts";
import { compileProcess } from "../../src/container/oci/process.ts";
import { makeSpec } from "../fixture/request.ts";

const input: EntryInput = {
  pid: 4711,
  startTime: 99,
  userNamespace: false,
  timeNamespace: false,
  stdin: false,
  discardOutput: false,
  cgroupDirectories: { memory: "/cg/memory", cpu: "/cg/cpu", cpuacct: "/cg/cpu" },
  confinement: { seccomp: undefined, apparmor: undefined },
};
const process = (tty: boolean) => compileProcess(makeSpec({ tty, cmd: ["ls", "-l"] }), 0xffn);

t.test("cgroup v1", async (t) => {
  const { monitor, init } = planEntry(process(false), input);
  t.same(monitor, [
    ["stdio", "pipe"],
    ["stdin", "none"],
    ["cgroup-join", "/cg/memory/tasks"],
    ["cgroup-join", "/cg/cpu/tasks"],
    ["setns-pid", "4711", "99", "pid", "mnt", "net", "ipc", "uts", "cgroup"],
    ["clone", "0"],
  ]);
  t.same(init.slice(0, 2), [["keyring", ""], ["barrier"]]);
  t.same(init.at(-1), ["exec", "ls", "-l"]);
});

t.test("cgroup v2 joins at clone", async (t) => {
  const { monitor, init } = planEntry(process(false), { ...input, cgroupDirectories: { unified: "/cg/own" } });
  t.same(
    monitor.filter(([name]) => name.startsWith("cgroup")),
    [["cgroup-fd", "/cg/own"]],
  );
  t.notOk(monitor.find(([name]) => name === "setns-pid")?.includes("cgroup"), "its cgroup namespace is entered after the clone");
  t.same(init[2], ["setns", "110", `${0x02000000}`]);
});

t.test("the user namespace is entered first", async (t) => {
  const { monitor } = planEntry(process(false), { ...input, userNamespace: true });
  t.equal(monitor.find(([name]) => name === "setns-pid")?.[3], "user");
});

t.test("streams", async (t) => {
  const streams = (tty: boolean, more: Partial<EntryInput>) => {
    const { monitor, init } = planEntry(process(tty), { ...input, ...more });
    return [monitor[0]?.[1], monitor[1]?.[1], init[0]?.[0]];
  };
  t.same(streams(true, { stdin: true }), ["pty", "open", "pty"]);
  t.same(streams(false, { stdin: true }), ["pipe", "once", "keyring"]);
  t.same(streams(false, { discardOutput: true }), ["null", "none", "keyring"]);
});

t.test("limits and score of the container hold for what enters it, and its time namespace", async (t) => {
  const limited = compileProcess(
    makeSpec({ cmd: ["x"], oomScoreAdj: 7, rlimits: [{ name: "core", soft: 0, hard: 0 }], groupAdd: ["5"] }),
    0xffn,
  );
  const { monitor, init } = planEntry(limited, { ...input, timeNamespace: true });
  const entered = monitor.findIndex(([name]) => name === "setns-pid");
  t.ok(monitor[entered]?.includes("time"));
  t.same(monitor[entered - 1], ["oom-score-adj", "7"], "before the container's own /proc is there");
  t.ok(init.some((operation) => operation.join(" ") === "rlimit 4 0 0"));
  t.ok(init.some((operation) => operation.join(" ") === "user 0 5"));
});
