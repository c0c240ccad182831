import t from "tap";
import { withoutMountPoints } from "../../src/container/change.ts";

t.test("mount points tsns made are no change of the container", async (t) => {
  const own = [
    { kind: "C", path: "/etc" },
    { kind: "A", path: "/etc/hostname" },
    { kind: "A", path: "/etc/hosts" },
    { kind: "A", path: "/proc" },
  ] as const;
  t.same(withoutMountPoints(own), []);
  t.same(withoutMountPoints([...own, { kind: "A", path: "/etc/passwd-" }]), [
    { kind: "C", path: "/etc" },
    { kind: "A", path: "/etc/passwd-" },
  ]);
});

t.test("what the container did to such a path stays", async (t) => {
  const changes = [
    { kind: "C", path: "/etc" },
    { kind: "D", path: "/etc/hosts" },
  ] as const;
  t.same(withoutMountPoints(changes), changes);
  t.same(withoutMountPoints([{ kind: "C", path: "/etc" }]), [{ kind: "C", path: "/etc" }], "a changed mode of /etc alone is a change");
});
