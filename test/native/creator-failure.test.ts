// Who says what went wrong inside a container: a child of the creator's that has stayed outside.
import { readlinkSync } from "node:fs";
import t, { type Test } from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { create, createPlan } from "./creator.ts";
import { alive, type Box, makeBox } from "./sandbox.ts";

/** Another process in a container that runs. */
function entering(t: Test, box: Box, ...command: string[]): Operation[] {
  const { pid } = create(t, box, createPlan(box, ["sleep", "1000"], { gate: false }));
  return [
    ["stdio", "inherit"],
    ["setns-pid", `${pid}`, `${alive(pid)}`, "mnt", "pid"],
    ["clone", "0"],
    ["barrier"],
    ["env", "PATH=/bin"],
    ["exec", ...command],
  ];
}

/** Tells where it runs, and what. */
const telling = ["--on-failure", "5", "/bin/sh", "-c", 'readlink /proc/self/ns/mnt; echo "$0 $1: $2"; exit 7', "said", "so"];

t.test("it runs outside, and its status is the creator's", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  for (const wait of [[], ["--wait"]]) {
    const { code, report, output } = create(t, box, entering(t, box, "nosuch"), [...wait, ...telling]);
    t.equal(code, 7);
    t.match(report, /^error 5 exec execve ENOENT nosuch\n$/);
    t.equal(output(), `${readlinkSync("/proc/self/ns/mnt")}\nsaid so: ${report}\n`);
  }
});

t.test("nothing is said of what has succeeded", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const gone = create(t, box, entering(t, box, "sh", "-c", "echo ran"), telling);
  t.equal(gone.code, 0);
  const waited = create(t, box, entering(t, box, "sh", "-c", "echo ran; exit 5"), ["--wait", ...telling]);
  t.match([waited.code, waited.output()], [5, "ran\n"]);
});
