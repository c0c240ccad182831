// What `create` makes, what it leaves and what it refuses.
import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CLONE, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, start, startCreator } from "./creator.ts";
import { alive, ended, gone, makeBox, runAttached, sandboxProgram, writePlan } from "./sandbox.ts";

const status = (pid: number, key: string) => readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${key}:\\s*(.*)$`, "m"))?.[1];

t.test("made, told, started", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { code, report, pid, output } = create(t, box, createPlan(box, ["sh", "-c", "echo $$; ls /proc/$$/fd; env; exec sleep 1000"]));
  t.equal(code, 0);
  t.match(report, new RegExp(`^created ${pid} ${alive(pid)}\n$`));
  t.equal(status(pid, "Name"), "tsns-init");
  t.equal(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(), "tsns-init", "nothing of who made it");
  t.notMatch(readFileSync(`/proc/${pid}/environ`, "utf8"), /SECRET/);
  t.equal(output(), "");
  t.equal(statSync(gatePath(box)).mode & 0o777, 0o600);
  t.equal(await start(t, gatePath(box)), "exec\n");
  await waitFor("the command", () => output().includes("PWD"));
  t.match(output(), /^1\n0\n1\n2\n(?!\d)/, "no descriptor but its streams");
  t.notMatch(output(), /SECRET/);
  t.equal(await start(t, gatePath(box)), "ECONNREFUSED");
  process.kill(pid, "SIGKILL");
  t.ok(await gone(pid));
});

t.test("a plan without a gate", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { code, report, pid, output } = create(t, box, createPlan(box, ["sleep", "1000"], { gate: false }));
  t.equal(code, 0);
  t.equal(report, `started ${pid} ${alive(pid)}\n`);
  t.equal(output(), "");
  t.match(create(t, box, [["stdio", "null"], ["mkdir", join(box.dir, "made"), "700"], ["end"]]), { code: 0, report: "done\n" });
  t.ok(statSync(join(box.dir, "made")).isDirectory());
  const quiet = create(t, box, createPlan(box, ["sleep", "1000"], { gate: false, stdio: "null" }));
  for (const fd of [0, 1, 2]) t.match(readlinkSync(`/proc/${quiet.pid}/fd/${fd}`), /\/null$/);
});

t.test("what fails leaves nothing", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const refused: [Operation[], RegExp][] = [
    [createPlan(box, ["true"], { monitor: [["open", "150", "/no/such"]] }), /^error 2 open open ENOENT \/no\/such\n$/],
    [createPlan(box, ["true"], { monitor: [["late", "open-ns", "150", "nonsense"]] }), /^error 2 late open ENOENT nonsense\n$/],
    [
      createPlan(box, ["true"], { inside: [["mount-at", "none", "/tmp", "nosuchfs", "0", ""]] }),
      /^error \d+ mount-at mount ENODEV \/tmp\n$/,
    ],
    [createPlan(box, ["true"], { after: [["chdir", "/none", "0"]] }), /^error \d+ chdir chdir ENOENT \/none\n$/],
    [createPlan(box, ["true"], { monitor: [["meet", "mkdir", "/no/such/x", "700"]], inside: [["meet"]] }), /^error 2 mkdir mkdir ENOENT /],
    [createPlan(box, ["nosuch"], { gate: false }), /^error \d+ exec execve ENOENT nosuch\n$/],
    [createPlan(box, ["true"], { stdio: "pty" }), /^error \d+ pty parse EINVAL a terminal needs /],
  ];
  for (const [at, [plan, report]] of refused.entries()) {
    const own = plan.map((operation): Operation => (operation[0] === "gate" ? ["gate", `${gatePath(box)}-${at}`] : operation));
    const creator = startCreator(t, box, own);
    t.equal(await ended(creator.child), 125);
    t.match(creator.report(), report);
    await creator.silent;
    if (plan.some(([name]) => name === "gate")) t.match(await start(t, `${gatePath(box)}-${at}`), /^(ENOENT|ECONNREFUSED)$/);
  }
  writeFileSync(gatePath(box), "");
  t.match(create(t, box, createPlan(box, ["true"])), { code: 125, report: `error 1 gate bind EADDRINUSE ${gatePath(box)}\n` });
});

t.test("what belongs to run alone is refused, and the other way round", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  for (const operation of [
    ["state", "/x"],
    ["log", "/x", "0", "1"],
    ["stdin", "open"],
    ["on-exit", "/bin/true"],
  ] as const)
    t.match(create(t, box, createPlan(box, ["true"], { monitor: [operation] })).report, / parse EINVAL only in a plan for run\n$/);
  t.match(create(t, box, createPlan(box, ["true"], { after: [["init"]] })).report, / init parse EINVAL only in a plan for run\n$/);
  t.match(create(t, box, [["stdio", "pipe"], ["end"]]).report, /^error 0 stdio parse EINVAL pipe\n$/);
  t.match(runAttached(box, createPlan(box, ["true"])).report, /^error 1 gate parse EINVAL only in a plan for create\n$/);
  t.match(runAttached(box, [["stdio", "inherit"], ["end"]]).report, /^error 0 stdio parse EINVAL inherit\n$/);
});

t.test("descriptors that are kept", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  for (const name of ["one", "two"]) writeFileSync(join(box.dir, name), name);
  const kept = ["one", "two"].map((name) => openSync(join(box.dir, name), "r"));
  const command = ["sh", "-c", "cat <&3 && cat <&4 && echo && ls /proc/$$/fd"];
  const { code, pid, output } = create(t, box, createPlan(box, command), ["--keep", "2"], kept);
  t.equal(code, 0);
  t.equal(await start(t, gatePath(box)), "exec\n");
  await gone(pid);
  t.match(output(), /^onetwo\n0\n1\n2\n3\n4\n(\d+\n)?$/);
  const lacking = create(t, box, createPlan(box, ["true"], { gate: false }), ["--keep", "3"], kept);
  t.match([lacking.code, lacking.output()], [125, /^tsns-sandbox: usage/], "the report is none of them");
  for (const fd of kept) closeSync(fd);
});

t.test("who holds the container's groups before is gone afterwards", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = writePlan(box.dir, createPlan(box, ["true"], { gate: false }));
  // It ends slowly: so much has to be given back.
  const script = `sh -c 'x=$(head -c 60000000 /dev/zero | tr "\\0" x); echo > ${box.dir}/full; while :; do sleep 1; done' & echo $! > ${box.dir}/pid
    while ! [ -e ${box.dir}/full ]; do sleep 0.05; done; exec "$@" --placeholder $!`;
  const { status } = spawnSync("sh", ["-c", script, "sh", sandboxProgram, "create", plan], { stdio: "ignore" });
  t.equal(status, 0);
  t.notOk(existsSync(`/proc/${readFileSync(`${box.dir}/pid`, "utf8").trim()}`));
});

t.test("what is wrong on the command line", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = createPlan(box, ["true"], { gate: false });
  for (const args of [
    ["--keep"],
    ["--keep", "x"],
    ["--keep", "91"],
    ["--keep", "1"],
    ["--placeholder", "1"],
    ["--on-failure", "2", "/bin/true"],
    ["--nonsense"],
    ["--report", "x"],
  ]) {
    const { code, output, report } = create(t, box, plan, args);
    t.match([code, report], [125, ""], args.join(" "));
    t.match(output(), /^tsns-sandbox: .*\n$/);
  }
  const lost = create(t, box, plan, ["--report", "70"]);
  t.match([lost.code, lost.output()], [125, "tsns-sandbox: --report: EBADF\n"]);
});

t.test("who becomes another program when nothing could be started", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = createPlan(box, ["nosuch"], { gate: false });
  const { code, report, output } = create(t, box, plan, ["--on-failure", "4", "/bin/sh", "-c", 'echo "$0: $1"', "said"]);
  t.equal(code, 0);
  t.match(output(), /^said: error \d+ exec execve ENOENT nosuch\n\n$/);
  t.match(report, /^error /);
});

t.test("a user namespace of somebody who is not root", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  chmodSync(box.dir, 0o711);
  const id = 4321;
  const plan: Operation[] = [
    ["stdio", "inherit"],
    ["idmap", `0 ${id} 1\n`, `0 ${id} 1\n`],
    ["clone", `${CLONE.NEWUSER | CLONE.NEWUTS}`],
    ["barrier"],
    ["hostname", "mapped"],
    ["env", "PATH=/bin:/usr/bin"],
    ["exec", "sh", "-c", "id -u; id -g; uname -n; cat /proc/self/setgroups"],
  ];
  const creator = startCreator(t, box, plan, [], id);
  await creator.silent;
  t.equal(creator.output(), "0\n0\nmapped\ndeny\n");
});
