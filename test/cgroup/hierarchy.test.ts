// Hierarchies, and paths that are the same in each of them.
import { readFileSync } from "node:fs";
import t from "tap";
import {
  ancestorsOf,
  directoryOf,
  hierarchyOf,
  isWithin,
  membershipIn,
  modeOf,
  parentOf,
  parseGroupPath,
  parseHierarchies,
  pathBelow,
} from "../../src/cgroup/hierarchy.ts";
import { parseLayout } from "../../src/cgroup/state.ts";
import { parseCgroupMemberships } from "../../src/namespace/cgroup-owner.ts";
import { recorded } from "./fixture.ts";

const here = (file: string) => readFileSync(new URL(`fixture/hybrid-limit/${file}`, import.meta.url), "utf8");
const hybrid = parseHierarchies(here("mountinfo"));
const v2 = parseHierarchies(recorded("v2", "mountinfo"), recorded("v2", "cgroup.controllers"));

t.test("recorded hosts", async (t) => {
  t.equal(modeOf(hybrid), "hybrid");
  t.equal(modeOf(v2), "v2");
  t.equal(modeOf(parseHierarchies(recorded("v1", "mountinfo"))), "v1");
  t.strictSame(
    hybrid.map(({ controllers, version }) => `${version} ${controllers}`),
    ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "name=systemd"].map((name) => `v1 ${name}`).concat("v2 "),
  );
  t.strictSame(v2[0]?.controllers, ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"]);
});

t.test("a controller's hierarchy, by v1's names too", async (t) => {
  t.equal(hierarchyOf(hybrid, "memory")?.mountPoint, "/sys/fs/cgroup/memory");
  t.equal(hierarchyOf(v2, "blkio")?.mountPoint, "/sys/fs/cgroup");
  t.equal(hierarchyOf(v2, "cpuacct")?.mountPoint, "/sys/fs/cgroup");
  t.equal(hierarchyOf(v2, "devices"), undefined);
  t.equal(hierarchyOf(hybrid, "rdma"), undefined);
});

t.test("a process's place in each", async (t) => {
  const memberships = parseCgroupMemberships(here("proc-cgroup"));
  t.strictSame(
    hybrid.map((hierarchy) => membershipIn(hierarchy, memberships)),
    [...Array(8).fill("/tsns-rec"), "/", "/"],
  );
});

t.test("mounts that show a part of the hierarchy", async (t) => {
  const line = "99 1 0:31 /docker/a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
  const [hierarchy] = parseHierarchies(line);
  if (!hierarchy) return t.fail("no hierarchy");
  t.equal(pathBelow(hierarchy, "/docker/a"), "/");
  t.equal(pathBelow(hierarchy, "/docker/a/b"), "/b");
  t.equal(pathBelow(hierarchy, "/docker/ab"), undefined);
  // The host's own mount counts, wherever copies of it lie and whatever comes first.
  const both = parseHierarchies(`98 1 0:31 / /c/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n${line}`);
  t.strictSame(
    both.map(({ mountPoint }) => mountPoint),
    ["/sys/fs/cgroup/memory"],
  );
});

t.test("paths as people write them", async (t) => {
  const same: [string, string][] = [
    ["/a/b", "/a/b"],
    ["a/b/", "/a/b"],
    ["//a", "/a"],
    ["/", "/"],
    ["/sys/fs/cgroup/memory/a", "/a"],
    ["/sys/fs/cgroup/unified", "/"],
    ["a b", "/a b"],
  ];
  for (const [text, path] of same) t.equal(parseGroupPath(text, hybrid), path, text);
  for (const text of ["", "a/../b", "/a/.", "a\nb", `/${"x".repeat(256)}`]) {
    t.throws(() => parseGroupPath(text, hybrid), { kind: "invalid", code: "bad-group" }, text);
  }
  t.strictSame(ancestorsOf("/a/b/c"), ["/", "/a", "/a/b"]);
  t.equal(parentOf("/a"), "/");
  t.ok(isWithin("/a/b", "/a") && isWithin("/a", "/a") && isWithin("/x", "/") && !isWithin("/ab", "/a"));
  t.equal(directoryOf(hybrid[0] as never, "/"), "/sys/fs/cgroup/cpu");
});

t.test("a mount that another one hides is none", async (t) => {
  const lines = [
    "20 1 0:20 / /sys rw - sysfs sysfs rw",
    "30 20 0:30 / /sys/fs/cgroup rw - tmpfs none rw",
    "31 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
    "32 30 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
  ];
  t.equal(parseHierarchies(lines.join("\n")).length, 2);
  for (const hiding of ["40 30 0:40 / /sys/fs/cgroup rw - tmpfs none rw", "41 20 0:41 / /sys rw - tmpfs none rw"]) {
    t.strictSame(parseHierarchies([...lines, hiding].join("\n")), [], hiding);
    t.throws(() => parseLayout({ mountinfo: [...lines, hiding].join("\n") }), { code: "no-cgroups" });
  }
});
