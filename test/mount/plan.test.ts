// Plans of mounts: missing mount points are made and undone one by one, the outermost last.
import t from "tap";
import { planBind, planOverlay, planRemove } from "../../src/mount/plan.ts";
import { undoOf } from "../../src/plan/plan.ts";

t.test("a bind on a path that is not there", async (t) => {
  const plan = planBind({
    place: {},
    source: "/src",
    target: { path: "/a/b/c", missing: ["b", "c"], type: "file" },
    recursive: false,
    readOnly: true,
    propagation: "slave",
  });
  t.same(
    plan.steps.map(({ step }) => step),
    [
      { kind: "mountpoint.create", path: "/a/b", type: "directory" },
      { kind: "mountpoint.create", path: "/a/b/c", type: "file" },
      { kind: "mount.bind", source: "/src", target: "/a/b/c", recursive: false, readOnly: true, propagation: "slave" },
    ],
  );
  t.same(undoOf(plan), [
    { kind: "mount.remove", target: "/a/b/c", lazy: false },
    { kind: "mountpoint.remove", path: "/a/b/c", type: "file" },
    { kind: "mountpoint.remove", path: "/a/b", type: "directory" },
  ]);
});

t.test("in another namespace every step says so", async (t) => {
  const target = { path: "/m", missing: ["m"], type: "directory" } as const;
  const place = { namespacePath: "/proc/7/ns/mnt" };
  const bind = planBind({ place, placeLabel: "container web", source: "/s", target, recursive: true, readOnly: false });
  const overlay = planOverlay({ ...place, lower: ["/l"], upper: "/u", work: "/w", readOnly: false, options: [] }, target);
  for (const { step } of [...bind.steps, ...overlay.steps]) t.match(step, place);
  t.match(bind.steps.at(-1)?.because, /in container web, with the mounts below it/);
  t.match(overlay.steps.at(-1)?.because, /1 lower directory is seen at \/m, changes go to \/u/);
});

t.test("unmounting removes the mount points that were made", async (t) => {
  const plan = planRemove({}, ["/m/x", "/m"], true, [{ path: "/m", type: "directory" }]);
  t.same(
    plan.steps.map(({ step }) => step.kind),
    ["mount.remove", "mount.remove", "mountpoint.remove"],
  );
});
