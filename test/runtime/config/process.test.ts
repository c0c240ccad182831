// config.md of the runtime specification: Process, POSIX process, Linux Process, User.
import t from "tap";
import { parseRuntimeConfig } from "../../../src/runtime/config/parse.ts";
import { configOf, documentOf, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const read = (process: object) => configOf({ process }).process;
const wrong = (process: object) => wrongWith({ process });

t.test("Process: cwd REQUIRED, MUST be an absolute path", async (t) => {
  t.equal(wrong({ cwd: undefined }), "process.cwd: is missing");
  t.equal(wrong({ cwd: "tmp" }), 'process.cwd: "tmp" is not an absolute path');
  t.equal(read({ cwd: "/tmp" })?.cwd, "/tmp");
});

t.test("Process: args, at least one entry is REQUIRED", async (t) => {
  for (const args of [undefined, [], null]) t.equal(wrong({ args }), "process.args: needs at least one entry");
  t.equal(wrong({ args: "sh" }), "process.args: is not a list");
  t.equal(wrong({ args: ["a", null] }), "process.args[1]: is missing");
  t.equal(wrong({ args: ["a\0"] }), "process.args[0]: has a NUL character");
  t.same(read({ args: ["sh", ""] })?.args, ["sh", ""]);
});

t.test("Process: env as environ", async (t) => {
  t.same(read({ env: ["A=b", "B=", "C=d=e"] })?.env, ["A=b", "B=", "C=d=e"]);
  for (const entry of ["A", "=b", ""]) t.match(wrong({ env: [entry] }), /^process.env\[0\]: .* is not NAME=VALUE$/);
});

t.test("Process: consoleSize MUST be ignored without a terminal", async (t) => {
  t.equal(read({ consoleSize: { height: "what", width: -1 } })?.consoleSize, undefined);
  t.same(read({ terminal: true, consoleSize: { height: 25, width: 80 } })?.consoleSize, { height: 25, width: 80 });
  t.equal(wrong({ terminal: true, consoleSize: { height: 25 } }), "process.consoleSize.width: is missing");
  t.match(wrong({ terminal: true, consoleSize: { height: 25, width: 65_536 } }), /width: 65536 is not from 0 to 65535/);
  t.equal(read({ terminal: true })?.terminal, true);
});

t.test("POSIX process: rlimits that cannot be mapped MUST be an error", async (t) => {
  for (const type of ["RLIMIT_FOO", "nofile", "RLIMIT_nofile", ""])
    t.match(wrong({ rlimits: [{ type, soft: 1, hard: 1 }] }), /^process.rlimits\[0\].type: /);
  const types = "AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK".split(" ");
  const rlimits = types.map((name) => ({ type: `RLIMIT_${name}`, soft: 1, hard: 2 }));
  t.equal(read({ rlimits })?.rlimits.length, 16);
  t.match(wrong({ rlimits: [{ type: "RLIMIT_CPU" }] }), /soft: is missing; process.rlimits\[0\].hard: is missing/);
  t.match(wrong({ rlimits: [{ type: "RLIMIT_CPU", soft: 2, hard: 1 }] }), /soft 2 is above hard 1/);
  t.match(wrong({ rlimits: [{ type: "RLIMIT_CPU", soft: -1, hard: 1 }] }), /soft: -1 is not from 0/);
});

t.test("POSIX process: rlimits of 64 bits keep their digits", async (t) => {
  const of = (soft: string) =>
    parseRuntimeConfig(
      documentOf({ process: { rlimits: [{ type: "RLIMIT_CORE", soft: "S", hard: "H" }] } })
        .replace('"S"', soft)
        .replace('"H"', "18446744073709551615"),
      "/b",
    ).config.process?.rlimits[0];
  t.same(of("18446744073709551615"), { type: "RLIMIT_CORE", soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n });
  t.equal(of("18446744073709551614")?.soft, 2n ** 64n - 2n);
  t.equal(of("9007199254740993")?.soft, 9007199254740993n);
  t.throws(() => of("18446744073709551616"), { message: /18446744073709551616 is not from 0/ });
  t.throws(() => of("1.5"), { message: /is not a whole number/ });
});

t.test("POSIX process: duplicated rlimits MUST be an error", async (t) => {
  const limit = { type: "RLIMIT_CPU", soft: 1, hard: 1 };
  t.equal(wrong({ rlimits: [limit, { ...limit, type: "RLIMIT_AS" }, limit] }), "process.rlimits[2]: RLIMIT_CPU is there twice");
});

t.test("Linux Process: capabilities that cannot be mapped or granted MUST be a warning", async (t) => {
  const capabilities = {
    bounding: ["CAP_KILL", "CAP_KILL", "CAP_FUTURE"],
    permitted: ["CAP_KILL", "cap_chown", "CAP_FUTURE", "A\nB"],
    effective: ["CAP_KILL", "CAP_SYS_TIME"],
    inheritable: ["CAP_KILL"],
    ambient: ["CAP_KILL", "CAP_CHOWN"],
  };
  t.same(read({ capabilities })?.capabilities, {
    bounding: ["CAP_KILL"],
    permitted: ["CAP_KILL", "CAP_CHOWN"],
    effective: ["CAP_KILL"],
    inheritable: ["CAP_KILL"],
    ambient: ["CAP_KILL"],
  });
  t.same(warningsOf({ process: { user: { uid: 5, gid: 5 }, capabilities } }).toSorted(), [
    "process.capabilities.ambient: cannot be granted without being in inheritable, ignored: CAP_CHOWN",
    "process.capabilities.effective: cannot be granted without being in permitted, ignored: CAP_SYS_TIME",
    'process.capabilities: ignoring unknown or unavailable capabilities: ["A\\nB" CAP_FUTURE]',
  ]);
  t.same(
    warningsOf({ process: { user: { uid: 0, gid: 0 }, capabilities } }).filter((line) => line.includes("ambient")),
    [],
    "user 0 has by execve what its ambient set would give",
  );
  t.equal(wrong({ capabilities: ["CAP_KILL"] }), "process.capabilities: is not an object", "as before version 1.0");
  t.equal(read({})?.capabilities, undefined);
});

t.test("Linux Process: capabilities that the runtime itself lacks MUST be a warning", async (t) => {
  const names = ["CAP_CHOWN", "CAP_SYS_RESOURCE"];
  const capabilities = { bounding: names, permitted: names, effective: names };
  const host = { hasSelinux: false, boundingSet: 1n };
  const of = (linux: object) => parseRuntimeConfig(documentOf({ process: { capabilities }, linux }), "/b", host);
  t.same(of({}).config.process?.capabilities?.effective, ["CAP_CHOWN"]);
  t.same(of({}).warnings, [
    "process.capabilities: cannot be granted, this runtime's own bounding set lacks them; ignored: CAP_SYS_RESOURCE",
  ]);
  const maps = [{ containerID: 0, hostID: 1, size: 1 }];
  const inside = of({ namespaces: [{ type: "user" }], uidMappings: maps, gidMappings: maps });
  t.same(inside.config.process?.capabilities?.effective, names, "a new user namespace has them all");
  t.same(inside.warnings, []);
});

t.test("Linux Process: oomScoreAdj, noNewPrivileges, apparmorProfile", async (t) => {
  t.equal(read({ oomScoreAdj: -1000 })?.oomScoreAdj, -1000);
  t.notOk("oomScoreAdj" in (read({}) ?? {}), "MUST NOT be changed when it is not set");
  t.match(wrong({ oomScoreAdj: 1001 }), /^process.oomScoreAdj: 1001 is not from -1000 to 1000/);
  t.equal(read({ noNewPrivileges: true })?.noNewPrivileges, true);
  t.equal(read({ apparmorProfile: "acme" })?.apparmorProfile, "acme");
  t.notOk("apparmorProfile" in (read({ apparmorProfile: "" }) ?? {}));
});

t.test("Linux Process: selinuxLabel", async (t) => {
  const process = { selinuxLabel: "system_u:system_r:svirt_lxc_net_t:s0:c124,c675" };
  t.match(warningsOf({ process }), [/^process.selinuxLabel: there is no SELinux/]);
  t.match(wrongWith({ process }, { hasSelinux: true }), /^process.selinuxLabel: .*not supported/);
});

t.test("Linux Process: scheduler", async (t) => {
  t.same(read({ scheduler: { policy: "SCHED_RR", priority: 5, flags: ["SCHED_FLAG_RESET_ON_FORK"] } })?.scheduler, {
    policy: "SCHED_RR",
    nice: 0,
    priority: 5,
    flags: ["SCHED_FLAG_RESET_ON_FORK"],
    runtime: 0n,
    deadline: 0n,
    period: 0n,
  });
  t.equal(read({ scheduler: { policy: "SCHED_DEADLINE", runtime: 1, deadline: 2, period: 3 } })?.scheduler?.period, 3n);
  t.equal(wrong({ scheduler: {} }), "process.scheduler.policy: is missing");
  t.match(wrong({ scheduler: { policy: "SCHED_FAST" } }), /policy: "SCHED_FAST" is none of SCHED_OTHER/);
  t.match(wrong({ scheduler: { policy: "SCHED_ISO" } }), /no Linux kernel has it/);
  t.match(wrong({ scheduler: { policy: "SCHED_OTHER", nice: 20 } }), /nice: 20 is not from -20 to 19/);
  t.match(wrong({ scheduler: { policy: "SCHED_OTHER", priority: 1 } }), /priority: SCHED_OTHER has none/);
  t.match(wrong({ scheduler: { policy: "SCHED_FIFO" } }), /priority: SCHED_FIFO needs one/);
  t.match(wrong({ scheduler: { policy: "SCHED_FIFO", priority: 1, runtime: 5 } }), /are for SCHED_DEADLINE/);
  t.match(wrong({ scheduler: { policy: "SCHED_OTHER", flags: ["FAST"] } }), /flags\[0\]: "FAST" is none of/);
});

t.test("Linux Process: ioPriority", async (t) => {
  t.same(read({ ioPriority: { class: "IOPRIO_CLASS_IDLE", priority: 4 } })?.ioPriority, { class: "IOPRIO_CLASS_IDLE", priority: 4 });
  t.match(wrong({ ioPriority: { class: "IOPRIO_CLASS_BE", priority: 8 } }), /priority: 8 is not from 0 to 7/);
  t.match(wrong({ ioPriority: { class: "IOPRIO_CLASS_NONE", priority: 1 } }), /class: "IOPRIO_CLASS_NONE" is none of/);
  t.equal(read({ ioPriority: { class: "IOPRIO_CLASS_BE" } })?.ioPriority?.priority, 0);
  t.match(wrong({ ioPriority: { priority: 1 } }), /class: is missing/);
});

t.test("Linux Process: execCPUAffinity", async (t) => {
  t.same(read({ execCPUAffinity: { initial: "7", final: "0-3, 7" } })?.execCpuAffinity, { initial: "7", final: "0-3,7" });
  t.same(read({ execCPUAffinity: { final: "" } })?.execCpuAffinity, {});
  for (const final of ["a", "3-1", "1,", "-1", "99999", "1--2"])
    t.match(wrong({ execCPUAffinity: { final } }), /final: .* is no list of processors/);
});

t.test("User", async (t) => {
  t.same(read({ user: { uid: 1, gid: 2, umask: 0o1077, additionalGids: [5, 6] } })?.user, {
    uid: 1,
    gid: 2,
    umask: 0o077,
    additionalGids: [5, 6],
  });
  t.same(read({})?.user, { uid: 0, gid: 0, additionalGids: [] });
  for (const uid of [-1, 2 ** 32 - 1, "root", 1.5]) t.match(wrong({ user: { uid, gid: 0 } }), /^process.user.uid: /);
  t.equal(wrong({ user: { username: "containeradministrator" } }), "", "Windows User: of another platform");
  t.match(wrong({ user: { additionalGids: [1, null] } }), /additionalGids\[1\]: is missing/);
});
