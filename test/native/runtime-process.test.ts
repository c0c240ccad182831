// Operations about the process of a container that docker has no word for: is its program there, when and where it runs.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { type Box, errorLine, makeBox, makePlan, outputOf, runAttached } from "./sandbox.ts";

const asRoot = { ...needRoot, buffered: true };

/** The error of a plan whose last operations are these instead of `env PATH` and `exec`. */
const errorOf = (box: Box, ...last: Operation[]) =>
  errorLine(runAttached(box, [...makePlan(box, ["true"]).slice(0, -2), ...last, ["exec", "/bin/true"]]).report).replace(/^error \d+ /, "");

t.test("a program that is not there, or not to be executed, is found before it is needed", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const path: Operation = ["env", "PATH=/none:/tools:/bin"];
  mkdirSync(join(box.root, "tools/folder"), { recursive: true });
  mkdirSync(join(box.root, "home/closed"));
  writeFileSync(join(box.root, "tools/plain"), "#!/bin/sh\n");
  writeFileSync(join(box.root, "tools/sh"), "not the one\n");
  writeFileSync(join(box.root, "home/closed/tool"), "#!/bin/sh\n", { mode: 0o755 });
  chmodSync(join(box.root, "home/closed"), 0o700);
  for (const name of ["sh", "/bin/sh", "bin/sh", "./bin/sh"]) t.equal(errorOf(box, path, ["find-exec", name]), "", name);
  t.equal(errorOf(box, ["find-exec", "/bin/sh"]), "", "without a PATH");
  t.equal(errorOf(box, ["find-exec", "sh"]), "find-exec execve ENOENT sh", "without a PATH, by its name");
  const wrong: Readonly<Record<string, string>> = {
    nosuch: "ENOENT",
    "/bin/nosuch": "ENOENT",
    "/bin/sh/x": "ENOENT",
    "": "ENOENT",
    plain: "EACCES",
    folder: "EACCES",
    "/tools/plain": "EACCES",
    "/tools": "EACCES",
  };
  for (const [name, error] of Object.entries(wrong))
    t.equal(errorOf(box, path, ["find-exec", name]), `find-exec execve ${error} ${name}`, JSON.stringify(name));
  const user: Operation[] = [["user", "1000:1000", ""], ["become"]];
  t.equal(errorOf(box, ["find-exec", "/home/closed/tool"]), "", "root may");
  t.equal(errorOf(box, ...user, ["find-exec", "/home/closed/tool"]), "find-exec execve EACCES /home/closed/tool", "its user may not");
  const noexec: Operation[] = [["mount", "tmpfs", "/tmp", "tmpfs", "8", ""]];
  t.match(
    errorOf(box, ...noexec, ["open", "150", "/tmp"], ["root", "/"], ["touch-at", "/tmp/x", "755"], ["find-exec", "/tmp/x"]),
    "find-exec execve EACCES /tmp/x",
    "a mount without programs",
  );
});

t.test("scheduler, input and output, processors, personality", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const stat = "set -- $(sed 's/.*) //' /proc/self/stat);"; // field N of proc_pid_stat(5) is ${N-2}
  const scheduled = (...numbers: string[]) =>
    outputOf(box, `${stat} echo policy \${39} nice \${17} priority \${38}`, { after: [["scheduler", ...numbers] as const] });
  t.equal(scheduled("3", "5", "0", "0", "0", "0", "0"), "policy 3 nice 5 priority 0\n", "batch");
  t.equal(scheduled("5", "0", "0", "0", "0", "0", "0"), "policy 5 nice 0 priority 0\n", "idle");
  t.equal(scheduled("0", "0", "0", "1", "0", "0", "0"), "policy 0 nice 0 priority 0\n", "with a flag");
  t.equal(errorOf(box, ["scheduler", "1", "0", "100", "0", "0", "0", "0"]), "scheduler sched_setattr EINVAL 1", "beyond the priorities");
  t.equal(outputOf(box, "ionice -p $$", { after: [["io-priority", "2", "6"]] }), "best-effort: prio 6\n");
  t.equal(outputOf(box, "ionice -p $$", { after: [["io-priority", "3", "0"]] }), "idle\n");
  t.equal(errorOf(box, ["io-priority", "2", "9"]), "io-priority ioprio_set EINVAL 9");
  const allowed = "grep Cpus_allowed_list /proc/self/status | cut -f2";
  const all = outputOf(box, allowed).trim();
  const [first = 0] = all.split(/[-,]/).map(Number);
  t.equal(outputOf(box, allowed, { after: [["cpu-affinity", (1n << BigInt(first)).toString(16)]] }), `${first}\n`);
  t.equal(
    outputOf(box, allowed, { monitor: [["cpu-affinity", (1n << BigInt(first)).toString(16)]] }),
    `${first}\n`,
    "in the monitor: inherited",
  );
  t.equal(outputOf(box, allowed, { after: [["cpu-affinity", "f".repeat(40)]] }), `${all}\n`, "more than there are");
  const bound: Operation = ["cpu-affinity", (1n << BigInt(first)).toString(16)];
  t.equal(outputOf(box, allowed, { monitor: [bound], after: [["cpu-affinity-all"]] }), `${all}\n`, "whatever it was before");
  t.equal(errorOf(box, ["cpu-affinity", "0"]), "cpu-affinity sched_setaffinity EINVAL 0");
  t.equal(errorOf(box, ["cpu-affinity", `1${"0".repeat(2048)}`]).slice(0, 32), "cpu-affinity parse EINVAL 100000", "longer than any mask");
  t.match(errorOf(box, ["cpu-affinity", "x"]), "cpu-affinity parse EINVAL an argument is not a hexadecimal number");
  t.equal(outputOf(box, "cat /proc/self/personality", { after: [["personality", "8"]] }), "00000008\n");
});
