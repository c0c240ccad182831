// Operations that make the command's process: user, capabilities, limits, filters, directory, exec, process 1.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CLONE, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { type Box, cloneFlags, errorLine, makeBox, makePlan, outputOf, runAttached } from "./sandbox.ts";

/** Plan whose last operations are these instead of `env PATH` and `exec`. */
const endingIn = (box: Box, ...last: Operation[]) => [...makePlan(box, ["true"]).slice(0, -2), ...last];
const errorOf = (box: Box, ...last: Operation[]) => errorLine(runAttached(box, endingIn(box, ...last)).report);

t.test("users, groups and HOME", needRoot, async (t) => {
  const box = makeBox(t);
  const as = (spec: string, extra: string, script = "id; echo $HOME") =>
    outputOf(box, script, { after: [["user", spec, extra], ["become"]] });
  t.equal(as("alice", ""), "uid=1000(alice) gid=1000(alice) groups=10(wheel),1000(alice)\n/home/alice\n");
  t.equal(as("alice:wheel", ""), "uid=1000(alice) gid=10(wheel) groups=10(wheel)\n/home/alice\n");
  t.equal(as("77:88", "99,wheel"), "uid=77 gid=88 groups=10(wheel),88,99\n/\n");
  const listed = (extra: string) =>
    outputOf(box, "grep Groups /proc/self/status", { after: [["user", "77:88", extra, "exact"], ["become"]] });
  t.match(
    [listed("99,10"), listed("")].map((line) => line.trim()),
    ["Groups:\t10 99", "Groups:"],
    "no other than those",
  );
  t.match(errorOf(box, ["user", "0", "", "all"], ["exec", "true"]), /^error \d+ user parse EINVAL all$/);
  t.equal(as("0", ""), "uid=0(root) gid=0(root) groups=0(root)\n/root\n");
  t.equal(outputOf(box, "echo $HOME", { after: [["env", "HOME=/own"], ["user", "alice", ""], ["become"]] }), "/own\n");
  t.equal(
    outputOf(box, "env | grep HOME", { after: [["env", "HOME="], ["user", "alice", ""], ["become"]] }),
    "HOME=/home/alice\n",
    "none is that",
  );
  t.match(errorOf(box, ["user", "carol", ""], ["exec", "true"]), /^error \d+ user passwd ENOENT carol$/);
  t.match(errorOf(box, ["user", "alice:x y", ""], ["exec", "true"]), /^error \d+ user group ENOENT x y$/);
  t.equal(as("alice", "", "echo again > /proc/self/fd/1; echo error > /proc/self/fd/2"), "again\nerror\n", "streams are the user's");
  rmSync(join(box.root, "etc/passwd"));
  t.equal(as("5:6", "", "id -u; id -g"), "5\n6\n", "no file, numbers do");
});

t.test("a working directory is no way to what the monitor has open", needRoot, async (t) => {
  const box = makeBox(t);
  for (let fd = 3; fd < 20; fd++) {
    const after: Operation[] = [["chdir", `/proc/self/fd/${fd}`, "0"]];
    const options = { state: true, log: [0, 1] as const, monitor: [["unshare", `${CLONE.NEWNS}`] as const], after };
    const { code, stdout, report } = runAttached(box, makePlan(box, ["sh", "-c", "readlink /proc/self/cwd"], options));
    if (code === 0) t.equal(stdout.split("\n").at(-2), "/", `descriptor ${fd}`);
    else t.match(errorLine(report), / chdir chdir (ENOTDIR|ENOENT) /);
  }
  const monitor: Operation[] = [["open", "150", "/proc"]];
  const kept = runAttached(box, makePlan(box, ["true"], { monitor, after: [["chdir", "/proc/self/fd/150", "1"]] }));
  t.match(errorLine(kept.report), / chdir chdir EACCES /, "what the plan keeps open");
});

t.test("capabilities", needRoot, async (t) => {
  const box = makeBox(t);
  const status = "grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | cut -f2 | sed 's/^0*//;s/^$/0/' | tr '\\n' ' '";
  const some: Operation = ["caps", "a80425fb", "a80425fb", "a80425fb", "0", "0"];
  t.equal(outputOf(box, status, { after: [some, ["become"]] }), "0 a80425fb a80425fb a80425fb 0 ");
  t.equal(outputOf(box, status, { after: [some, ["user", "alice", ""], ["become"]] }), "0 0 0 a80425fb 0 ");
  const ambient: Operation = ["caps", "2401", "400", "400", "400", "400"];
  t.equal(outputOf(box, status, { after: [ambient, ["user", "alice", ""], ["become"]] }), "400 400 400 2401 400 ");
  const everything: Operation = ["caps", "ffffffffffffffff", "ffffffffffffffff", "ffffffffffffffff", "0", "0"];
  const result = runAttached(box, makePlan(box, ["sh", "-c", status], { after: [everything, ["become"]] }));
  t.equal(result.code, 0, "what the host does not have is not given, not fatal");
  t.match(result.report, /^(warning \d+ become capset EPERM capability \d+\n)?started /);
});

t.test("limits, score, mask, keyring, directory, privileges", needRoot, async (t) => {
  const box = makeBox(t);
  const after: Operation[] = [
    ["rlimit", "7", "100", "200"],
    ["umask", "0077"],
    ["oom-score-adj", "300"],
    ["keyring", "tsns"],
    ["no-new-privs"],
    ["chdir", "/work/deep/er", "1"],
    ["env", "A=1"],
    ["env", "B=x=y"],
    ["env", "A=2"],
  ];
  const script =
    "ulimit -n; ulimit -Hn; umask; cat /proc/self/oom_score_adj; pwd; echo $A $B; grep NoNewPrivs /proc/self/status | cut -f2; env | wc -l";
  t.equal(outputOf(box, script, { after }), "100\n200\n0077\n300\n/work/deep/er\n2 x=y\n1\n5\n");
  const raised = runAttached(box, makePlan(box, ["true"], { after: [["rlimit", "7", "99999999999", "99999999999"]] }));
  t.match(raised, { report: /^error \d+ rlimit setrlimit EPERM 7$/m });
  t.match(errorOf(box, ["chdir", "/none", "0"], ["exec", "true"]), / chdir chdir ENOENT \/none$/);
  t.match(errorOf(box, ["chdir", "/etc/passwd", "1"], ["exec", "true"]), / chdir chdir ENOTDIR /);
  const keyring = `grep -c tsns-test-${process.pid} /proc/keys`;
  t.equal(outputOf(box, keyring, { after: [["keyring", `tsns-test-${process.pid}`]] }), "1\n");
});

/** Filter that answers one system call with EPERM (struct sock_filter, seccomp(2)). */
function denying(call: number): string {
  const instruction = (code: number, jt: number, jf: number, k: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(code, 0);
    bytes.writeUInt8(jt, 2);
    bytes.writeUInt8(jf, 3);
    bytes.writeUInt32LE(k, 4);
    return bytes;
  };
  return Buffer.concat([
    instruction(0x20, 0, 0, 0),
    instruction(0x15, 0, 1, call),
    instruction(0x06, 0, 0, 0x00050001),
    instruction(0x06, 0, 0, 0x7fff0000),
  ]).toString("hex");
}

t.test("seccomp", needRoot, async (t) => {
  const box = makeBox(t);
  const mkdir = process.arch === "x64" ? 83 : 34;
  const after: Operation[] = [["no-new-privs"], ["seccomp", denying(mkdir), "0"]];
  t.match(outputOf(box, "mkdir /x 2>&1; grep Seccomp: /proc/self/status | cut -f2", { after }), /Operation not permitted\n2\n/);
  t.match(errorOf(box, ["seccomp", "00", "0"], ["exec", "true"]), / seccomp parse EINVAL /);
  t.match(errorOf(box, ["seccomp", "ffff000000000000", "0"], ["exec", "true"]), / seccomp seccomp EINVAL /);
});

t.test("an AppArmor profile that is not there", needRoot, async (t) => {
  const box = makeBox(t);
  t.match(
    errorOf(box, ["apparmor", "tsns-no-such"], ["exec", "true"]),
    / apparmor (open E\w+ \/proc\/thread-self|apparmor E\w+ tsns-no-such)/,
  );
  t.match(errorOf(box, ["apparmor", "x".repeat(600)], ["exec", "true"]), / apparmor parse ENAMETOOLONG /);
});

t.test("what exec answers", needRoot, async (t) => {
  const box = makeBox(t);
  writeFileSync(join(box.root, "bin/plain"), "x");
  writeFileSync(join(box.root, "bin/notaprogram"), "\x01\x02", { mode: 0o755 });
  writeFileSync(join(box.root, "bin/lost"), "#!/no/such/interpreter\n", { mode: 0o755 });
  mkdirSync(join(box.root, "other"));
  writeFileSync(join(box.root, "other/second"), "#!/bin/sh\necho $0 $@\n", { mode: 0o755 });
  const path: Operation = ["env", "PATH=/none:/etc/passwd:/bin:/other"];
  const index = makePlan(box, ["x"]).length;
  t.equal(errorOf(box, path, ["exec", "missing"]), `error ${index - 1} exec execve ENOENT missing`);
  t.match(errorOf(box, path, ["exec", "plain"]), / exec execve EACCES plain$/);
  t.match(errorOf(box, path, ["exec", "notaprogram"]), / exec execve ENOEXEC notaprogram$/);
  t.match(errorOf(box, path, ["exec", "lost"]), / exec execve ENOENT lost$/);
  t.match(errorOf(box, path, ["exec", "/bin"]), / exec execve EACCES \/bin$/);
  t.match(errorOf(box, path, ["exec", ""]), / exec execve ENOENT $/);
  t.match(errorOf(box, ["exec", "sh"]), / exec execve ENOENT sh$/, "no PATH, no default");
  t.match(errorOf(box, path, ["exec", "odd\nname\\"]), / ENOENT odd\\nname\\\\$/);
  t.equal(runAttached(box, endingIn(box, path, ["exec", "second", "a", "", "b c"])).stdout, "/other/second a b c\n");
  t.equal(runAttached(box, endingIn(box, ["chdir", "/other", "0"], ["exec", "./second"])).stdout, "./second\n");
  t.equal(runAttached(box, endingIn(box, path, ["init"], ["exec", "missing"])).report, `error ${index} exec execve ENOENT missing\n`);
});

t.test("nothing is inherited: descriptors, environment, signals", needRoot, async (t) => {
  const box = makeBox(t);
  const monitor: Operation[] = [
    ["open", "101", "/etc/passwd"],
    ["netlink-socket", "102"],
  ];
  t.match(
    outputOf(box, "ls /proc/self/fd | wc -l; env | sort", { monitor }),
    /^4\nPATH=\/bin\nPWD=\/\nSHLVL=\d\n$/,
    "three streams and ls's own",
  );
  const signals = runAttached(box, makePlan(box, ["grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"], { monitor })).stdout;
  t.strictSame(
    signals.match(/[0-9a-f]{16}/g)?.map((mask) => Number.parseInt(mask, 16)),
    [0, 0, 0],
  );
});

t.test("init stays as process 1, reaps and ends as the command does", needRoot, async (t) => {
  const box = makeBox(t);
  const run = (script: string) => runAttached(box, makePlan(box, ["sh", "-c", script], { after: [["init"]] }));
  t.match(run("echo $$; cat /proc/1/comm; tr '\\0' ' ' < /proc/1/cmdline | sed 's/ *$//'; ls -l /proc/1/fd 2>&1 | wc -l"), {
    code: 0,
    stdout: /^[2-9]\ntsns-init\ntsns-init/,
  });
  t.match(run("exit 7"), { code: 7 });
  t.match(run("kill -TERM $$"), { code: 143 });
  const reaped = "for try in $(seq 150); do ps -o comm | grep -q '^sleep' || exec echo reaped; sleep 0.1; done; ps -o stat,comm";
  t.match(run(`for i in 1 2 3 4 5; do (sleep 0.0$i &); done; ${reaped}`), { stdout: "reaped\n" });
  t.match(run("trap 'echo got; exit 5' USR1; kill -USR1 1; while :; do sleep 0.01; done"), { code: 5, stdout: "got\n" });
});

t.test("user namespaces", needRoot, async (t) => {
  const box = makeBox(t);
  chmodSync(box.dir, 0o755);
  const monitor: Operation[] = [["idmap", "0 100000 65536\n", "0 200000 65536\n"]];
  const plan = (script: string, more: Operation[] = []) =>
    runAttached(box, [
      ["stdio", "pipe"],
      ...monitor,
      ["clone", `${cloneFlags | CLONE.NEWUSER}`],
      ["mount", "", "/", "", "278528", ""],
      ["mount", "tmpfs", join(box.root, "dev"), "tmpfs", "0", ""],
      ...more,
      ["barrier"],
      ["env", "PATH=/bin:/usr/bin"],
      ["exec", "sh", "-c", script],
    ]);
  t.match(
    plan(`id -u; cat /proc/self/uid_map /proc/self/gid_map; stat -c %u:%g ${box.root}/dev`).stdout,
    /^0\n\s+0\s+100000\s+65536\n\s+0\s+200000\s+65536\n0:0\n$/,
  );
  const bound: Operation[] = [
    ["root", box.root],
    ["mknod-at", "/dev/zero", "20666", "1", "5"],
    ["oom-score-adj", "100"],
  ];
  t.match(
    plan(`head -c 3 ${box.root}/dev/zero | wc -c; cat /proc/self/oom_score_adj`, bound),
    { stdout: "3\n100\n", report: /^started/ },
    "the host's node is bound",
  );
  t.match(
    runAttached(box, [["idmap", "bad", "0 0 1"], ["clone", `${CLONE.NEWUSER}`], ["end"]]).report,
    /^error 0 idmap write EINVAL uid_map\n$/,
  );
});
