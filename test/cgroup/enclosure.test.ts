// Which groups a container gets beyond those that its limits need.
import t from "tap";
import { planEnclosure } from "../../src/cgroup/enclosure.ts";
import type { Hierarchy } from "../../src/cgroup/hierarchy.ts";

const legacy = (...controllers: string[]): Hierarchy => ({
  version: "v1",
  controllers,
  mountPoint: `/cg/${controllers.join(",")}`,
  root: "/",
});
const hierarchies: readonly Hierarchy[] = [
  legacy("memory"),
  legacy("cpu", "cpuacct"),
  legacy("cpuset"),
  legacy("name=systemd"),
  { version: "v2", controllers: [], mountPoint: "/cg/unified", root: "/" },
];
const request = {
  hierarchies,
  known: ["memory", "cpu", "cpuset", "name=systemd"],
  directories: { memory: "/cg/memory/parent/tsns-1", cpu: "/cg/cpu,cpuacct/tsns-1", cpuacct: "/cg/cpu,cpuacct/tsns-1" },
  cpuset: { cpus: "0-3", mems: "0" },
  name: "tsns-1",
};

t.test("a group in each hierarchy that has none", async (t) => {
  const { steps, joins, directories, warnings } = planEnclosure(request);
  t.same(directories, { cpuset: "/cg/cpuset/tsns-1", "name=systemd": "/cg/name=systemd/tsns-1", v2: "/cg/unified/tsns-1" });
  t.same(
    joins,
    Object.entries(directories).map(([key, directory]) => `${directory}/${key === "v2" ? "cgroup.procs" : "tasks"}`),
  );
  t.same(
    steps.map(({ step }) => step),
    [
      { kind: "cgroup.create", path: "/cg/cpuset/tsns-1" },
      { kind: "cgroup.write", path: "/cg/cpuset/tsns-1/cpuset.cpus", value: "0-3" },
      { kind: "cgroup.write", path: "/cg/cpuset/tsns-1/cpuset.mems", value: "0" },
      { kind: "cgroup.create", path: "/cg/name=systemd/tsns-1" },
      { kind: "cgroup.create", path: "/cg/unified/tsns-1" },
    ],
  );
  t.same(
    steps.flatMap(({ undo }) => undo ?? []),
    Object.values(directories).map((path) => ({ kind: "cgroup.remove", path })),
  );
  t.same(warnings, []);
});

t.test("a hierarchy that is not mounted here is warned of", async (t) => {
  const { warnings } = planEnclosure({ ...request, known: [...request.known, "hugetlb"] });
  t.equal(warnings.length, 1);
  t.match(warnings[0], /hierarchy hugetlb is not mounted on this host/);
});
