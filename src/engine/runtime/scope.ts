// Groups of a container that systemd makes (--systemd-cgroup): a scope, whose unit has the limits as properties; then the files of its groups say all
// of them, and those that systemd knows nothing of, as without it.
//
// systemd lets a scope begin only with a process in it, and ends it when nobody is left, while a container's first process is cloned into its groups by
// a program that this process becomes. So a placeholder is in the scope from its start until the first process is: it dies with its parent at the
// latest, and is gone when the container has been made, as it counts for the limits and keeps the groups from being removed. This
// process itself in the scope, the simpler way, would be held to the container's limits, and could not leave a scope before another is in it.
import { TsnsError } from "../../base/error.ts";
import { type Hierarchy, pathBelow } from "../../cgroup/hierarchy.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { absent, isUsers, readSystemdFacts, type SystemdFacts } from "../../kernel/systemd/instance.ts";
import { openPlaceholder, type Placeholder } from "../../kernel/systemd/placeholder.ts";
import { changeUnit, startScope } from "../../kernel/systemd/unit.ts";
import { readTextIfThere } from "../../kernel/text-file.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { RuntimeDeviceRule } from "../../runtime/config/resource.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import type { RuntimeRecord, RuntimeScope } from "../../runtime/record.ts";
import { deviceProperties, parseDrivers } from "../../runtime/systemd/device.ts";
import { type GroupWrite, limitProperties } from "../../runtime/systemd/property.ts";
import { type ScopeFacts, scopeProperties } from "../../runtime/systemd/scope.ts";
import { scopeOf } from "../../runtime/systemd/unit.ts";
import { forgetRuntimeUndo } from "../../store/runtime-record.ts";
import { type DesignedGroups, designGroupsAt } from "./group.ts";
import { mayMake } from "./group-fact.ts";
import type { Runtime } from "./runtime.ts";

/** Changes nothing. Throws TsnsError for what this host, or its systemd, cannot keep. */
export function designScope(runtime: Runtime, config: RuntimeConfig, id: string): DesignedGroups {
  const instance = isUsers() ? "user" : "system";
  const facts = readSystemdFacts(instance);
  const { slice, unit: name, path: below } = scopeOf(config.linux.cgroupsPath, id, `${instance}.slice`);
  const full = `${facts.group}${below}`;
  const hierarchies = readHierarchies();
  const path = shownPath(hierarchies, full);
  if (path === undefined) throw elsewhere(name, full);
  if (instance === "user" && !isUnified(hierarchies)) throw absent("a user's systemd limits nothing on cgroup v1");
  if (instance === "user" && !hierarchies.every((hierarchy) => mayMake(hierarchy, path))) throw outOfReach(path);
  const design = () => designGroupsAt(runtime, config, path);
  const designed = design();
  const scope: RuntimeScope = { instance, name };
  const { annotations, linux } = config;
  const writes = writesOf(designed.limits());
  const request = { id, slice, annotations, devices: linux.resources.devices, writes };
  const properties = scopeProperties(request, scopeFacts(facts, hierarchies));
  let placeholder: Placeholder | undefined;
  return {
    ...designed,
    scope,
    // The placeholder is the one process that there may be.
    entry: { ...designed.entry, ...(writes.some(({ file, value }) => file === "pids.max" && value === "1") ? { moves: true } : {}) },
    undo: [["stop-unit", instance, name], ...designed.undo],
    make() {
      placeholder = openPlaceholder();
      runtime.debug?.(`unit ${name} of systemd (${instance}): ${properties.map((one) => `${one.name}=${one.words.join(" ")}`).join(", ")}`);
      try {
        startScope(scope, properties, placeholder.pid);
      } catch (error) {
        placeholder.end();
        // What is another's is not taken back.
        if (error instanceof TsnsError && error.code === "unit-exists") forgetRuntimeUndo(runtime.root, id);
        throw error;
      }
      if (!placeholder.isAt(full)) throw elsewhere(name, full);
      design().make();
    },
    placeholder: () => placeholder?.pid,
    release: () => placeholder?.end(),
  };
}

/** `update`: what the files will be told, as properties of the unit. Throws TsnsError unavailable. */
export function changeScope(scope: RuntimeScope, { groups }: RuntimeRecord, steps: readonly PlannedStep[]): void {
  const period = /^\d+$/.exec(readCgroupFile(`${groups.cpu}/cpu.cfs_period_us`)?.trim() ?? "")?.[0];
  const { version } = readSystemdFacts(scope.instance);
  changeUnit(scope, limitProperties(writesOf(steps), version, period === undefined ? undefined : BigInt(period)));
}

/** The same for the devices that may be used; on v2 the unit has none. Throws TsnsError unavailable. */
export function changeScopeDevices(scope: RuntimeScope, { groups }: RuntimeRecord, rules: readonly RuntimeDeviceRule[]): void {
  if (groups.unified === undefined) changeUnit(scope, deviceProperties(rules, readDrivers()));
}

const readDrivers = () => parseDrivers(readTextIfThere("/proc/devices", "ENOENT") ?? "");

/** Where the mounts show a group of the kernel's; undefined where one does not. */
function shownPath(hierarchies: readonly Hierarchy[], full: string): string | undefined {
  const paths = new Set(hierarchies.map((hierarchy) => pathBelow(hierarchy, full)));
  return paths.size === 1 ? [...paths][0] : undefined;
}

const isUnified = (hierarchies: readonly Hierarchy[]): boolean => hierarchies.every(({ version }) => version === "v2");

const scopeFacts = ({ version }: SystemdFacts, hierarchies: readonly Hierarchy[]): ScopeFacts => ({
  version,
  ...(isUnified(hierarchies) ? {} : { drivers: readDrivers() }),
});

const writesOf = (steps: readonly PlannedStep[]): GroupWrite[] =>
  steps.flatMap(({ step }) =>
    step.kind === "cgroup.write" ? [{ file: step.path.slice(step.path.lastIndexOf("/") + 1), value: step.value }] : [],
  );

/** cgroups(7), delegation: who moves a process must have the rights to a group above both places. */
const outOfReach = (path: string): TsnsError =>
  new TsnsError("denied", "scope-out-of-reach", `--systemd-cgroup: no process of this group may be moved to ${path}`, {
    hint: "call it from a group of the user's systemd: systemd-run --user --scope COMMAND",
  });

const elsewhere = (unit: string, path: string): TsnsError =>
  new TsnsError("unsupported", "unit-elsewhere", `systemd does not keep unit ${unit} at ${path}, as it is seen from here`, {
    hint: "run where systemd runs: not in another cgroup namespace, and not on other mounts below /sys/fs/cgroup",
  });
