// What --explain and --dry-run print.
import { spawnSync } from "node:child_process";
import t from "tap";
import { explainOperations, explainPlan, scriptOfPlan } from "../../src/plan/explain.ts";
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
  const script = scriptOfPlan(plan);
  t.equal(script, "#!/bin/sh\nset -e\n# two lines\necho 1 > /cg/a\necho 2 > /cg/a\n# the rest\nhostname h\n");
  t.equal(spawnSync("sh", ["-n"], { input: script }).status, 0);
});

t.test("operations alone", async (t) => {
  t.equal(explainOperations([["chdir", "/x"], ["become"]]), "      chdir           $ cd /x\n      become\n");
});
