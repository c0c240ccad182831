// Other limits for groups that are there. Pure.
import { TsnsError } from "../../base/error.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { RuntimeDeviceRule, RuntimeResources } from "../config/resource.ts";
import type { GroupEntry } from "../plan/place.ts";
import { legacyDeviceWrites, unifiedDeviceProgram } from "./device.ts";
import { type LegacyNow, legacySettings } from "./legacy.ts";
import type { GroupFiles } from "./setting.ts";
import { write } from "./step.ts";
import { type UnifiedNow, unifiedSettings } from "./unified.ts";

export interface GroupNow {
  readonly legacy: LegacyNow;
  readonly unified: UnifiedNow;
  readonly files: GroupFiles;
}

export interface GroupUpdate {
  readonly steps: readonly PlannedStep[];
  readonly warnings: readonly string[];
}

type Directories = Readonly<Record<string, string>>;

/** Of processes as of all else 0 is not to be changed; `create` takes it for none. */
const wanted = ({ pids, ...rest }: RuntimeResources): RuntimeResources => (pids && pids.limit !== 0n ? { ...rest, pids } : rest);

/** Without access to devices. Throws as `planRuntimeGroups`. */
export function planGroupUpdate(directories: Directories, resources: RuntimeResources, now: GroupNow): GroupUpdate {
  const { unified } = directories;
  const found =
    unified === undefined
      ? legacySettings(wanted(resources), now.legacy, now.files)
      : unifiedSettings(wanted(resources), now.unified, now.files);
  const steps = found.settings.map((setting) => {
    const directory = unified ?? directories[setting.controller];
    if (directory !== undefined) return write(directory, setting);
    throw new TsnsError(
      "unsupported",
      "cgroup-controller-missing",
      `${setting.file} needs the cgroup controller ${setting.controller}, which the container has no group of`,
    );
  });
  return { steps, warnings: found.warnings };
}

/** Access to devices: all rules anew. On v2 a program takes the place of the one that is there. Throws TsnsError unsupported without a group. */
export function planDeviceUpdate(
  { unified, devices }: Directories,
  rules: readonly RuntimeDeviceRule[],
): { readonly steps: readonly PlannedStep[]; readonly program?: GroupEntry["devices"] } {
  if (unified !== undefined) return { steps: [], program: { directory: unified, programHex: unifiedDeviceProgram(rules) } };
  if (devices === undefined)
    throw new TsnsError(
      "unsupported",
      "no-device-group",
      "access to devices cannot be changed: the container has no group of the controller devices",
    );
  const because = "the devices the container may use";
  return { steps: legacyDeviceWrites(rules).map(({ file, lines }) => write(devices, { file, value: lines, because })) };
}

/** What would be written first, as errors name it; undefined: nothing is limited. */
export function firstLimit(resources: RuntimeResources): string | undefined {
  const [word] = Object.keys(resources.unified);
  return word ?? legacySettings(resources, {}).settings[0]?.file;
}
