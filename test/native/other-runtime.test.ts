// Operations that have another OCI runtime make the container: what it is run with, what of it is refused. The runtimes are scripts of the test.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { type Box, errorLine, makeBox, runAttached } from "./sandbox.ts";

/** A runtime whose words are run by these lines of sh: `$made` is the pid that it has made. */
function makeRuntime(box: Box, lines: { readonly create: string; readonly start?: string }): string {
  const path = join(box.dir, "runtime");
  const script = `#!/bin/sh
case $1 in
create) ${lines.create} ;;
start) ${lines.start ?? `echo go > ${box.dir}/gate`} ;;
esac
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

function plan(box: Box, program: string, options: { readonly console?: string; readonly stdin?: boolean } = {}): Operation[] {
  return [
    ["state", box.state],
    ["stdio", options.console === undefined ? "pipe" : "pty"],
    ["stdin", options.stdin ? "open" : "none"],
    ["runtime-start", box.dir, program, "start"],
    ["runtime-create", box.dir, join(box.dir, "pid"), options.console ?? "", program, "create"],
    ["end"],
  ];
}

/** Makes a process that waits for the gate, with the runtime's streams, and says who it is. */
const waiting = (box: Box, then: string): string =>
  `mkfifo ${box.dir}/gate; exec 3<&0; sh -c 'read go < ${box.dir}/gate; ${then}' <&3 & echo $! > ${box.dir}/pid`;

const each = { ...needRoot, buffered: true };
const scenario = (name: string, body: (t: Test, box: Box) => void | Promise<void>) =>
  t.test(name, { ...each }, async (t) => void (await body(t, makeBox(t))));

scenario("streams, directory and environment are the plan's; its status is the container's", (t, box) => {
  const runtime = makeRuntime(box, {
    create: `pwd > ${box.dir}/where; env > ${box.dir}/env; ${waiting(box, "cat; echo aside >&2; exit 5")}`,
  });
  const { code, stdout, stderr, report } = runAttached(box, plan(box, runtime, { stdin: true }), "typed");
  t.match({ code, stdout, stderr, report }, { code: 5, stdout: "typed", stderr: "aside\n", report: /^started \d+ \d+\n$/ });
  t.equal(readFileSync(join(box.dir, "where"), "utf8"), `${box.dir}\n`);
  const names = readFileSync(join(box.dir, "env"), "utf8")
    .split("\n")
    .map((line) => line.split("=")[0]);
  t.same(
    names.filter((name) => name && !["_", "PWD", "OLDPWD", "SHLVL"].includes(name)),
    ["PATH"],
  );
});

scenario("the files of the state directory are there before it is started", (t, box) => {
  const runtime = makeRuntime(box, {
    create: waiting(box, "exit 0"),
    start: `cat ${box.state}/monitor > ${box.dir}/seen; echo go > ${box.dir}/gate`,
  });
  t.equal(runAttached(box, plan(box, runtime)).code, 0);
  t.equal(readFileSync(join(box.dir, "seen"), "utf8").split(" ")[2], readFileSync(join(box.dir, "pid"), "utf8").trim());
});

scenario("what it says with its status is the error, and nothing is left running", (t, box) => {
  const errorOf = (lines: Parameters<typeof makeRuntime>[1], console?: string): string => {
    const { code, report } = runAttached(box, plan(box, makeRuntime(box, lines), console === undefined ? {} : { console }));
    t.equal(code, 125);
    return errorLine(report);
  };
  t.equal(errorOf({ create: "exit 7" }), "error 4 runtime-create execve ECHILD exited with 7");
  t.equal(errorOf({ create: "kill -9 $$" }), "error 4 runtime-create execve ECHILD ended by signal 9");
  t.match(errorOf({ create: "exit 0" }), /^error 4 runtime-create open ENOENT .*\/pid$/, "it has told no pid");
  t.match(errorOf({ create: `echo x > ${box.dir}/pid` }), /^error 4 runtime-create read EINVAL .*\/pid$/);
  t.match(
    errorOf({ create: `echo ${process.pid} > ${box.dir}/pid` }),
    /^error 4 runtime-create waitid ECHILD .*\/pid$/,
    "nobody's child here",
  );
  t.match(
    errorOf({ create: waiting(box, "exit 0") }, join(box.dir, "console")),
    /^error 4 runtime-create accept EAGAIN .*\/console$/,
    "no terminal",
  );
  t.notOk(existsSync(`/proc/${readFileSync(join(box.dir, "pid"), "utf8").trim()}`), "what it had made has been ended");
  t.equal(
    errorOf({ create: `rm -f ${box.dir}/gate; ${waiting(box, "exit 0")}`, start: "exit 3" }),
    "error 3 runtime-start execve ECHILD exited with 3",
  );
  const pid = readFileSync(join(box.dir, "pid"), "utf8").trim();
  t.notOk(existsSync(`/proc/${pid}`), "what it had made has been ended");
  t.notOk(existsSync(join(box.state, "monitor")));
});

scenario("what it says before the container runs is the container's; more than fits in ends it", (t, box) => {
  const saying = (bytes: number) =>
    makeRuntime(box, { create: `head -c ${bytes} /dev/zero >&2; ${waiting(box, "exit 3")}`, start: `echo go > ${box.dir}/gate` });
  const { code, stderr } = runAttached(box, plan(box, saying(200_000)));
  t.match({ code, length: stderr.length }, { code: 3, length: 200_000 });
  const { report } = runAttached(box, plan(box, saying(3_000_000)));
  t.equal(errorLine(report), "error 4 runtime-create write EFBIG more output than fits in before the container runs");
});

t.test("a plan has to say how it is started, and is for run alone", { ...each }, async (t) => {
  const box = makeBox(t);
  const [state, stdio, , , create, end] = plan(box, "/bin/true");
  const { report } = runAttached(
    box,
    [state, stdio, create, end].flatMap((one) => (one ? [one] : [])),
  );
  t.match(errorLine(report), /^error 2 runtime-create parse EINVAL runtime-start is missing$/);
});
