// The steps that give a group its share of block I/O, alike on v1 and v2.
import type { PlannedStep } from "../plan/plan.ts";
import type { ResourceSpec } from "./spec.ts";
import { setting } from "./step.ts";
import { renderDeviceWeight, renderWeight } from "./weight.ts";

/** `weightFile`: the one this host has, of `weightFiles`. */
export function weightSteps(
  dir: string,
  { blkioWeight, blkioWeightDevices = [] }: ResourceSpec,
  weightFile: string,
): readonly PlannedStep[] {
  return [
    ...(blkioWeight
      ? [setting(`${dir}/${weightFile}`, renderWeight(weightFile, blkioWeight), "the share of block I/O against other groups")]
      : []),
    ...blkioWeightDevices.map((weight) => {
      const { file, line } = renderDeviceWeight(weightFile, weight);
      return setting(`${dir}/${file}`, line, `its share of device ${weight.device}`);
    }),
  ];
}
