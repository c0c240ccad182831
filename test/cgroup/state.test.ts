import t from "tap";
import { parseControllers, parseLayout } from "../../src/cgroup/state.ts";
import { recorded } from "./fixture.ts";

t.test("v2: one mount, controllers from its root", async (t) => {
  const layout = parseLayout({
    mountinfo: recorded("v2", "mountinfo"),
    available: recorded("v2", "cgroup.controllers"),
    enabled: recorded("v2", "cgroup.subtree_control"),
  });
  t.match(layout, { mode: "v2", unified: "/sys/fs/cgroup" });
  t.strictSame(layout.controllers, {});
  t.strictSame(layout.available, ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"]);
  t.strictSame(layout.enabled, layout.available);
});

t.test("v1: a mount per controller, named hierarchies are none", async (t) => {
  const layout = parseLayout({ mountinfo: recorded("v1", "mountinfo"), cgroups: recorded("v1", "proc-cgroups") });
  t.equal(layout.mode, "v1");
  t.equal(layout.unified, undefined);
  t.strictSame(Object.keys(layout.controllers).sort(), ["blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids"]);
  t.equal(layout.controllers.memory, "/sys/fs/cgroup/memory");
});

t.test("hybrid: both", async (t) => {
  for (const host of ["hybrid", "hybrid-rest"] as const) {
    const layout = parseLayout({ mountinfo: recorded(host, "mountinfo") });
    t.match(layout, { mode: "hybrid", unified: "/sys/fs/cgroup/unified", controllers: { pids: "/sys/fs/cgroup/pids" } });
  }
});

t.test("systemd's v1 layout: controllers mounted together, v2 with none", async (t) => {
  const mountinfo = [
    "25 24 0:22 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw",
    "26 24 0:23 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
    "27 24 0:24 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
  ].join("\n");
  const layout = parseLayout({ mountinfo });
  t.strictSame(layout.controllers, { cpu: "/sys/fs/cgroup/cpu,cpuacct", cpuacct: "/sys/fs/cgroup/cpu,cpuacct" });
  const named = parseLayout({ mountinfo: mountinfo.split("\n").slice(0, 2).join("\n") });
  t.equal(named.mode, "v2", "systemd's own hierarchy controls nothing");
});

t.test("a copy mounted elsewhere does not count before the host's own", async (t) => {
  const copy = "20 19 0:24 / /srv/root/sys/fs/cgroup/pids rw - cgroup cgroup rw,pids";
  const own = "27 24 0:24 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids";
  t.equal(parseLayout({ mountinfo: `${copy}\n${own}` }).controllers.pids, "/sys/fs/cgroup/pids");
  t.equal(parseLayout({ mountinfo: copy }).controllers.pids, "/srv/root/sys/fs/cgroup/pids");
});

t.test("without any cgroup mount", async (t) => {
  t.throws(() => parseLayout({ mountinfo: "1 0 8:1 / / rw - ext4 /dev/sda1 rw" }), { kind: "unsupported", code: "no-cgroups" });
});

t.test("controllers the kernel has but nobody uses", async (t) => {
  const layout = parseLayout({ mountinfo: recorded("hybrid-rest", "mountinfo"), cgroups: recorded("hybrid-rest", "proc-cgroups") });
  t.ok(layout.unused.includes("net_cls"));
  t.notOk(layout.unused.includes("memory"));
  t.match(parseControllers("#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t0\n"), [
    { name: "memory", hierarchy: 0, enabled: false },
  ]);
  t.strictSame(parseControllers("memory 0 1 0\nnonsense"), []);
});
