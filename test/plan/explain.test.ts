// What --explain and --dry-run print.
import { spawnSync } from "node:child_process";
import t from "tap";
import { explainPlan, scriptOfPlan } from "../../src/plan/explain.ts";
import type { Plan } from "../../src/plan/plan.ts";

const plan: Plan = {
  steps: [
    { step: { kind: "cgroup.write", path: "/cg/a", value: "1\n2" }, because: "two lines" },
    {
      step: { kind: "sandbox.start", planPath: "/p", operations: [["hostname", "h"], ["barrier"], ["state", "/c d"]] },
      because: "the rest",
    },
  ],
};

t.test("for people", async (t) => {
  t.equal(
    explainPlan(plan),
    [
      "1.  cgroup.write  two lines",
      "      $ echo 1 > /cg/a",
      "      $ echo 2 > /cg/a",
      "2.  sandbox.start  the rest",
      "      hostname        $ hostname h",
      "      barrier",
      '      state           "/c d"',
      "",
    ].join("\n"),
  );
  t.equal(explainPlan({ steps: [] }), "");
});

t.test("for sh", async (t) => {
  const short: Plan = { steps: plan.steps.slice(0, 1) };
  const script = scriptOfPlan(short);
  t.match(script, /^#!\/bin\/sh\n# Run as root\..*\nset -eu\n\n# two lines\necho 1 > \/cg\/a\necho 2 > \/cg\/a\n$/);
  const whole = scriptOfPlan(plan);
  t.match(whole, /\nhostname h\n/);
  t.match(whole, /tsns's store knows nothing of what this script starts/);
  t.equal(spawnSync("sh", ["-n"], { input: whole }).status, 0);
});

t.test("after a container has ended its steps are undone, last one first", async (t) => {
  const made = (path: string) =>
    ({ step: { kind: "directory.create", path, mode: 0o700 }, because: path, undo: { kind: "directory.remove", path } }) as const;
  const script = scriptOfPlan({ steps: [made("/a"), made("/b"), ...plan.steps.slice(1)] });
  t.ok(script.indexOf("rmdir /b") < script.indexOf("rmdir /a"));
  t.match(script, /exit "\$status"\n$/);
});

t.test("a plan that no script can do is refused before its first step", async (t) => {
  const impossible: Plan = {
    steps: [
      ...plan.steps.slice(0, 1),
      { step: { kind: "sandbox.start", planPath: "/p", operations: [["userns", "120", "", ""]] }, because: "" },
    ],
  };
  t.match(scriptOfPlan(impossible), /set -eu\necho 'this cannot be done by a script: .*' >&2\nexit 1\n$/);
});
