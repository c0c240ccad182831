// The group of a container on v2: one directory, its controllers handed down by all above it. Pure.
import { TsnsError } from "../../base/error.ts";
import { ancestorsOf, directoryOf, type Hierarchy } from "../../cgroup/hierarchy.ts";
import { unifiedDeviceProgram } from "./device.ts";
import type { GroupFacts, GroupRequest, LevelStep, RuntimeGroups } from "./plan.ts";
import type { GroupSettings } from "./setting.ts";
import { levelSteps, requireControllers, write } from "./step.ts";
import { unifiedSettings } from "./unified.ts";

/** Counted for `events` and `update`, whether limited or not. */
const usual: readonly string[] = ["memory", "cpu", "pids", "io", "cpuset", "hugetlb"];

export function planUnified({ path, resources, controlsDevices }: GroupRequest, facts: GroupFacts): RuntimeGroups {
  const [hierarchy] = facts.hierarchies;
  if (!hierarchy) throw new TsnsError("unsupported", "no-cgroups", "no cgroup file system is mounted on this host");
  const found = unifiedSettings(resources, {});
  requireControllers(found, facts.hierarchies);
  const handing = handDown(hierarchy, path, found, facts);
  const directory = directoryOf(hierarchy, path);
  const missing = facts.missing[hierarchy.mountPoint] ?? [];
  const levels = levelSteps(hierarchy, path, facts.missing);
  return {
    levels: [
      // A level is there before it hands down, and what is above it before that.
      ...handing.filter(({ above }) => !missing.includes(above)).map(({ planned }) => planned),
      ...missing.flatMap((level, at) => [
        ...levels.slice(at, at + 1),
        ...handing.filter(({ above }) => above === level).map(({ planned }) => planned),
      ]),
    ],
    limits: (files) => unifiedSettings(resources, {}, files).settings.map((setting) => write(directory, setting)),
    directories: { unified: directory },
    entry: {
      joins: [],
      into: directory,
      ...(controlsDevices ? { devices: { directory, programHex: unifiedDeviceProgram(resources.devices) } } : {}),
    },
    warnings: found.warnings,
  };
}

interface Handing {
  readonly above: string;
  readonly planned: LevelStep;
}

/** What must be there for a limit is asked for; what would only be counted is done without where a group above cannot hand it down. */
function handDown(hierarchy: Hierarchy, path: string, { settings }: GroupSettings, { handed, closed }: GroupFacts): readonly Handing[] {
  const needed = new Map(settings.map(({ controller, file }) => [controller, file]));
  let left = [...new Set([...usual, ...needed.keys()])].filter((name) => hierarchy.controllers.includes(name));
  return ancestorsOf(path).flatMap((above) => {
    const lacking = left.filter((name) => !handed[above]?.includes(name));
    const reason = closed[above];
    if (reason !== undefined) {
      for (const name of lacking) if (needed.has(name)) throw notHandedDown(needed.get(name) ?? "", name, above, reason);
      left = left.filter((name) => !lacking.includes(name));
      return [];
    }
    return [true, false].flatMap((isNeeded) => {
      const names = lacking.filter((name) => needed.has(name) === isNeeded);
      const value = names.map((name) => `+${name}`).join(" ");
      const because = isNeeded ? "each group above must hand its controllers down" : "handed down, it counts what the container uses";
      const planned = write(directoryOf(hierarchy, above), { file: "cgroup.subtree_control", value, because });
      return names.length === 0 ? [] : [{ above, planned: isNeeded ? planned : { ...planned, isOptional: true } }];
    });
  });
}

const notHandedDown = (file: string, controller: string, group: string, reason: "busy" | "foreign"): TsnsError =>
  new TsnsError(
    "unsupported",
    "cgroup-controller-not-handed-down",
    `${file} needs the cgroup controller ${controller}, which group ${group} does not hand down`,
    {
      hint:
        reason === "busy"
          ? "it cannot as long as processes are in it: move them, or let linux.cgroupsPath lead beside it"
          : "have root delegate the controller, or leave the limit out",
    },
  );
