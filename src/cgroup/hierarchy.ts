// The hierarchies of cgroups(7) that are mounted, and logical groups: one path, the same below every hierarchy's mount point.
// Parses the kernel's texts; reads nothing. Unlike state.ts it knows every controller and named hierarchies too.
import { TsnsError } from "../base/error.ts";
import { type MountState, parseMountInfo } from "../mount/state.ts";
import { reachableMounts } from "../mount/table.ts";
import type { CgroupMembership } from "../namespace/cgroup-owner.ts";

export interface Hierarchy {
  readonly version: "v1" | "v2";
  /** v1: those mounted together, or `name=systemd` for one without controllers. v2: those its root could hand down. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** The group the mount shows as its root; "/" but inside some containers. */
  readonly root: string;
}

/** Controllers of v1 mounts (cgroup-v1/index.rst); everything else among the options is none. */
const legacyControllers: ReadonlySet<string> = new Set([
  ...["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "net_cls", "blkio", "perf_event", "net_prio"],
  ...["hugetlb", "pids", "rdma", "misc", "debug"],
]);

const isOwn = (mount: MountState) => mount.target === "/sys/fs/cgroup" || mount.target.startsWith("/sys/fs/cgroup/");

/**
 * The hierarchies of /proc/self/mountinfo, v1 first, each once: of several mounts the host's own below /sys/fs/cgroup. One that
 * another mount hides is none.
 * `unified`: cgroup.controllers of the v2 root.
 */
export function parseHierarchies(mountinfo: string, unified = ""): readonly Hierarchy[] {
  const mounts = reachableMounts(parseMountInfo(mountinfo), ({ type }) => type === "cgroup" || type === "cgroup2");
  const found = new Map<string, Hierarchy>();
  for (const mount of [...mounts.filter(isOwn), ...mounts.filter((other) => !isOwn(other))]) {
    const version = mount.type === "cgroup" ? "v1" : "v2";
    const key = version === "v2" ? "v2" : mount.device;
    if (found.has(key)) continue;
    const controllers =
      version === "v2"
        ? unified.split(/\s+/).filter((word) => word !== "")
        : mount.superOptions.filter((option) => legacyControllers.has(option) || option.startsWith("name="));
    found.set(key, { version, controllers, mountPoint: mount.target, root: mount.root });
  }
  return [...found.values()].sort((a, b) => (a.version === b.version ? 0 : a.version === "v1" ? -1 : 1));
}

/** v2 alone, v1 alone, or both. */
export function modeOf(hierarchies: readonly Hierarchy[]): "v1" | "v2" | "hybrid" {
  const unified = hierarchies.some((one) => one.version === "v2");
  return hierarchies.some((one) => one.version === "v1") ? (unified ? "hybrid" : "v1") : "v2";
}

/** The hierarchy a controller is in. v1's blkio is v2's io; cpuacct is part of v2's cpu. */
export function hierarchyOf(hierarchies: readonly Hierarchy[], controller: string): Hierarchy | undefined {
  const unified: Readonly<Record<string, string>> = { blkio: "io", cpuacct: "cpu" };
  return hierarchies.find((one) => one.controllers.includes(one.version === "v2" ? (unified[controller] ?? controller) : controller));
}

/** Directory of a logical group in one hierarchy. */
export function directoryOf(hierarchy: Hierarchy, path: string): string {
  return path === "/" ? hierarchy.mountPoint : `${hierarchy.mountPoint}${path}`;
}

/** The logical path of a group as /proc/PID/cgroup names it, or undefined when it lies outside of what is mounted. */
export function pathBelow(hierarchy: Hierarchy, full: string): string | undefined {
  if (hierarchy.root === "/") return full;
  if (full === hierarchy.root) return "/";
  return full.startsWith(`${hierarchy.root}/`) ? full.slice(hierarchy.root.length) : undefined;
}

/** The logical path of a process in one hierarchy. */
export function membershipIn(hierarchy: Hierarchy, memberships: readonly CgroupMembership[]): string | undefined {
  const first = hierarchy.controllers[0] ?? "";
  const found = memberships.find(({ controllers }) =>
    hierarchy.version === "v2" ? controllers.length === 0 : controllers.includes(first),
  );
  return found && pathBelow(hierarchy, found.path);
}

/**
 * A logical path of what a user wrote: "/a/b", "a/b", or a directory such as /sys/fs/cgroup/memory/a/b.
 * Throws TsnsError invalid `bad-group`.
 */
export function parseGroupPath(text: string, hierarchies: readonly Hierarchy[]): string {
  const inside = hierarchies
    .filter(({ mountPoint }) => text === mountPoint || text.startsWith(`${mountPoint}/`))
    .sort((a, b) => b.mountPoint.length - a.mountPoint.length)[0];
  const relative = inside ? text.slice(inside.mountPoint.length) : text;
  const names = relative.split("/").filter((name) => name !== "");
  const wrong = names.find((name) => name === "." || name === ".." || name.includes("\n") || Buffer.byteLength(name) > 255);
  if (text === "" || wrong !== undefined) {
    throw new TsnsError("invalid", "bad-group", `invalid cgroup path ${JSON.stringify(text)}`, {
      hint: "write it as /parent/child: names up to 255 bytes, no '.' or '..'",
    });
  }
  return `/${names.join("/")}`;
}

/** The groups above a path, outermost first, without itself: "/a/b" gives "/" and "/a". */
export function ancestorsOf(path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "");
  return names.map((_, at) => `/${names.slice(0, at).join("/")}`);
}

/** "/a" of "/a/b"; "/" of "/a". */
export function parentOf(path: string): string {
  return ancestorsOf(path).at(-1) ?? "/";
}

export function isWithin(path: string, group: string): boolean {
  return group === "/" || path === group || path.startsWith(`${group}/`);
}
