// Plans joined and turned round.
import t from "tap";
import { joinPlans, type Plan, undoOf } from "../../src/plan/plan.ts";

const made = (path: string, undone = true): Plan => ({
  steps: [
    {
      step: { kind: "directory.create", path, mode: 0o700 },
      because: path,
      ...(undone ? { undo: { kind: "directory.remove", path } as const } : {}),
    },
  ],
});

t.test("joined in order, undone backwards, what dies by itself left out", async (t) => {
  const plan = joinPlans(made("/a"), made("/b", false), joinPlans(), made("/c"));
  t.same(
    plan.steps.map(({ because }) => because),
    ["/a", "/b", "/c"],
  );
  t.same(undoOf(plan), [
    { kind: "directory.remove", path: "/c" },
    { kind: "directory.remove", path: "/a" },
  ]);
  t.same(undoOf({ steps: [] }), []);
});
