// Which cgroup hierarchies this host offers, parsed from the kernel's texts.
// Reads nothing itself (src/kernel/cgroup/layout.ts does) and decides nothing about a container.
import { TsnsError } from "../base/error.ts";
import { type MountState, parseMountInfo } from "../mount/state.ts";
import { reachableMounts } from "../mount/table.ts";

/** Controllers of cgroups(7) tsns knows what to do with; others are left alone. */
export type Controller = "memory" | "cpu" | "cpuacct" | "cpuset" | "pids" | "devices" | "freezer" | "blkio" | "io";

export interface CgroupLayout {
  /**
   * `v2`: no controller is mounted as v1; `v1`: only v1; `hybrid`: both, where the controllers that matter are on v1.
   */
  readonly mode: "v1" | "v2" | "hybrid";
  /** v1: mount point of each controller; controllers mounted together share one. */
  readonly controllers: Readonly<Partial<Record<Controller, string>>>;
  /** Mount point of the v2 hierarchy. */
  readonly unified?: string;
  /** v2: controllers its root could hand down (cgroup.controllers), and those it does (cgroup.subtree_control). */
  readonly available: readonly string[];
  readonly enabled: readonly string[];
  /** Whether memory and swap can be limited together; false as well when nobody asked for memory. */
  readonly swapAccounting: boolean;
  /** cpuset of the hierarchy's root, only when asked for: what a v1 child has to copy, and the CPUs that exist. */
  readonly cpuset?: { readonly cpus: string; readonly mems: string };
  /** The file that holds weights of block I/O, where a device has a scheduler that keeps them; only when asked for. */
  readonly weightFile?: string;
  /** Levels of a --cgroup-parent that are not in the v1 cpuset hierarchy yet; only when asked for. */
  readonly missingParents?: readonly string[];
  /** Controllers the kernel was built with but has switched off or nobody mounted; filled only to explain a missing one. */
  readonly unused: readonly string[];
}

export interface LayoutTexts {
  /** /proc/self/mountinfo */
  readonly mountinfo: string;
  /** /proc/cgroups */
  readonly cgroups?: string;
  /** cgroup.controllers of the v2 root */
  readonly available?: string;
  /** cgroup.subtree_control of the v2 root */
  readonly enabled?: string;
  readonly cpuset?: { readonly cpus: string; readonly mems: string };
  readonly swapAccounting?: boolean;
}

const known: ReadonlySet<string> = new Set<Controller>(["memory", "cpu", "cpuacct", "cpuset", "pids", "devices", "freezer", "blkio"]);

function isController(name: string): name is Controller {
  return known.has(name);
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** One line of /proc/cgroups: a controller, the hierarchy it is in (0: v2 or none) and whether it is switched on. */
export interface ControllerState {
  readonly name: string;
  readonly hierarchy: number;
  readonly enabled: boolean;
}

/** Parses /proc/cgroups (cgroups(7)). */
export function parseControllers(text: string): readonly ControllerState[] {
  return text.split("\n").flatMap((line) => {
    const [name, hierarchy, , enabled] = line.split("\t");
    if (!name || name.startsWith("#") || !/^\d+$/.test(hierarchy ?? "") || enabled === undefined) return [];
    return [{ name, hierarchy: Number(hierarchy), enabled: enabled === "1" }];
  });
}

/** Of several mounts of one hierarchy the first below /sys/fs/cgroup is the host's own; others are copies inside some root directory. */
function byPreference(mounts: readonly MountState[]): readonly MountState[] {
  const own = (mount: MountState) => mount.target === "/sys/fs/cgroup" || mount.target.startsWith("/sys/fs/cgroup/");
  return [...mounts.filter(own), ...mounts.filter((mount) => !own(mount))];
}

function mountedControllers(mounts: readonly MountState[]): Partial<Record<Controller, string>> {
  const controllers: Partial<Record<Controller, string>> = {};
  for (const mount of mounts) {
    if (mount.type !== "cgroup") continue;
    for (const option of mount.superOptions) if (isController(option)) controllers[option] ??= mount.target;
  }
  return controllers;
}

/**
 * Makes a layout of the kernel's texts.
 * Throws `unsupported` when no cgroup hierarchy with controllers is mounted.
 */
export function parseLayout(texts: LayoutTexts): CgroupLayout {
  const mounts = byPreference(reachableMounts(parseMountInfo(texts.mountinfo), ({ type }) => type.startsWith("cgroup")));
  const controllers = mountedControllers(mounts);
  const unified = mounts.find((mount) => mount.type === "cgroup2")?.target;
  const legacy = Object.keys(controllers).length > 0;
  if (!legacy && unified === undefined) {
    throw new TsnsError("unsupported", "no-cgroups", "no cgroup file system is mounted on this host", {
      hint: "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
    });
  }
  const available = words(texts.available ?? "");
  return {
    mode: legacy ? (unified === undefined ? "v1" : "hybrid") : "v2",
    controllers,
    ...(unified === undefined ? {} : { unified }),
    available,
    enabled: words(texts.enabled ?? ""),
    swapAccounting: texts.swapAccounting ?? false,
    ...(texts.cpuset ? { cpuset: { cpus: texts.cpuset.cpus.trim(), mems: texts.cpuset.mems.trim() } } : {}),
    unused: parseControllers(texts.cgroups ?? "")
      .map((state) => state.name)
      .filter((name) => !(name in controllers) && !available.includes(name)),
  };
}
