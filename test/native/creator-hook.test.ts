// Hooks of both actors: what they get, where they run, how they fail; and what waits for init.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, start, startCreator } from "./creator.ts";
import { type Box, makeBox } from "./sandbox.ts";

/** A shell script as a hook, with a PATH and what else. */
const hook = (script: string, state: readonly [string, string] = ["", ""], timeoutMs = 0, ...env: string[]): Operation => [
  "hook",
  "h",
  `${timeoutMs}`,
  ...state,
  "own",
  "3",
  "/bin/sh",
  "sh",
  "-c",
  script,
  "PATH=/bin:/usr/bin",
  ...env,
];
const meet = (operation: Operation): Operation => ["meet", ...operation];

/** A program of the box, which inside has the same path as outside. */
function program(box: Box, name: string, script: string): string {
  const path = join(box.dir, name);
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

t.test("what a hook gets", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const seen = join(box.dir, "seen");
  const script = `cat; echo; echo $(ls /proc/self/fd); env | sort; pwd; trap; grep -E 'Sig(Blk|Ign)' /proc/self/status`;
  const plan = createPlan(box, ["true"], {
    monitor: [meet(hook(`(${script}) > ${seen}; echo said; echo complained >&2`, ['{"pid":', "}"], 0, "A=1", "B=x y"))],
    inside: [["meet"]],
  });
  const { code, pid, output } = create(t, box, plan);
  t.equal(code, 0);
  t.equal(output(), "said\ncomplained\n", "both on standard error");
  const lines = readFileSync(seen, "utf8").split("\n");
  t.equal(lines[0], `{"pid":${pid}}`);
  t.match(lines[1], /^0 1 2 3$/, "no descriptor but its streams, and the one ls opens");
  t.match(lines.slice(2, 6), ["A=1", "B=x y", /^PATH=/, /^PWD=/]);
  t.ok(lines.includes(process.cwd()), "the caller's directory");
  t.match(
    lines.filter((line) => line.startsWith("Sig")),
    [/\t0+$/, /\t0+$/],
  );
});

t.test("names, paths and environments as they are told", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const seen = join(box.dir, "seen");
  const path = program(box, "hook", `#!/bin/sh\necho "$# $*" >> ${seen}\n`);
  const one = (...words: string[]): Operation => ["meet", "hook", "h", "0", "", "", "own", ...words];
  const monitor = [one("0", path), one("1", path, "x"), one("4", path, "x", "a", "", "c d", "PATH=/bin")];
  t.equal(create(t, box, createPlan(box, ["true"], { monitor, inside: [["meet"]] })).code, 0);
  t.equal(readFileSync(seen, "utf8"), "0 \n0 \n3 a  c d\n", "in their order");
  for (const words of [["3", path, "x", "y"], ["99999999999999999999", path], ["1"]])
    t.match(
      create(t, box, createPlan(box, ["true"], { monitor: [one(...words)], inside: [["meet"]] })).report,
      / hook parse EINVAL an argument is /,
    );
});

t.test("a text larger than a pipe, read or not", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const seen = join(box.dir, "seen");
  const large = "x".repeat(300_000);
  const monitor = [
    meet(hook(`cat > ${seen}`, [large, `${large}.`])),
    meet(hook("true", [large, large])),
    meet(hook("exec <&-; sleep 0.1", [large, large])),
  ];
  const { code, pid } = create(t, box, createPlan(box, ["true"], { monitor, inside: [["meet"]] }));
  t.equal(code, 0);
  t.equal(readFileSync(seen, "utf8"), `${large}${pid}${large}.`);
});

t.test("one that fails takes the container with it", { ...needRoot, buffered: true }, async (t) => {
  const cases: [Operation, RegExp][] = [
    [hook("exit 3"), /^error \d+ hook wait ECHILD h: exited with 3: \/bin\/sh\n$/],
    [hook("kill -9 $$"), /^error \d+ hook wait ECHILD h: ended by signal 9: \/bin\/sh\n$/],
    [hook("sleep 1000", ["", ""], 50), /^error \d+ hook wait ETIMEDOUT h: took longer than 50 ms: \/bin\/sh\n$/],
    // Out of the group that was made for it, into its parent's.
    [
      ["hook", "h", "200", "", "", "own", "3", "/usr/bin/perl", "perl", "-e", "setpgrp(0, getpgrp(getppid)) or die; sleep 1000"],
      / ETIMEDOUT h: took longer than 200 ms: /,
    ],
    [hook("cat >&2; exec sleep 1000", ["x".repeat(100_000), ""], 200), / ETIMEDOUT h: took longer than 200 ms: /],
    [["hook", "h", "0", "", "", "own", "0", "/no/such/hook"], /^error \d+ hook execve ENOENT h: \/no\/such\/hook\n$/],
    [["hook", "h", "0", "", "", "own", "0", "/etc/passwd"], /^error \d+ hook execve EACCES h: \/etc\/passwd\n$/],
  ];
  for (const [operation, report] of cases) {
    for (const where of ["creator", "init"]) {
      const box = makeBox(t);
      const inside: Operation[] = where === "init" ? [operation] : [["meet"]];
      const creator = startCreator(t, box, createPlan(box, ["true"], { monitor: where === "init" ? [] : [meet(operation)], inside }));
      await waitFor("the creator to end", () => creator.child.exitCode !== null);
      t.equal(creator.child.exitCode, 125, where);
      await creator.told;
      t.match(creator.report(), report);
      await creator.silent;
    }
  }
});

t.test("hooks of init run in its namespaces and know its pid there", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const state = ['{"pid":', "}"] as const;
  const script = "cat >&2; echo ' '$(readlink /proc/self/ns/mnt) $(hostname) $(umask) >&2";
  const plan = createPlan(box, ["sh", "-c", "readlink /proc/self/ns/mnt; exec sleep 1000"], {
    inside: [["hostname", "inside"], hook(script, state)],
    last: [hook(`${script}; exit 0`, state)],
  });
  const { output } = create(t, box, plan);
  t.match(output(), /^{"pid":1} mnt:\[\d+\] inside 0022\n$/);
  t.equal(await start(t, gatePath(box)), "exec\n");
  const lines = await waitFor("the command", () => {
    const all = output().split("\n");
    return all.length > 3 && all;
  });
  t.equal(lines[1], lines[0], "before and after the start");
  t.equal(lines[0]?.split(" ")[1], lines[2], "in the command's own");
});

t.test("what is put off happens when init has come to it", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const [early, met] = [join(box.dir, "early"), join(box.dir, "met")];
  const monitor: Operation[] = [
    ["meet", "mkdir", met, "700"],
    meet(hook(`test -d ${early} && test -d ${met}`)),
    ["meet", "write", "/proc/self/comm", "renamed"],
  ];
  const inside: Operation[] = [["mkdir", early, "700"], ["meet"], hook(`test -d ${met}`), ["meet"]];
  t.match(create(t, box, createPlan(box, ["true"], { monitor, inside })), { code: 0, report: /^created / });
  t.ok(existsSync(met));
  const lost = create(t, box, createPlan(box, ["true"], { monitor }));
  t.match(lost, { code: 125, report: /^error \d+ exec parse EINVAL nothing meets what has been put off\n$/ });
  const clone = create(t, box, createPlan(box, ["true"], { monitor: [["meet", "clone", "0"]], inside: [["meet"]] }));
  t.match(clone, { code: 125, report: / clone parse EINVAL no operation that can wait for init\n$/ });
});
