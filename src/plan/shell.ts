// The shell command that would do what a step does: for --explain. Text only, never run by tsns. One file per noun in shell/.
import { bridgeShell } from "./shell/bridge.ts";
import { cgroupShell } from "./shell/cgroup.ts";
import { conntrackShell } from "./shell/conntrack.ts";
import { credentialShell } from "./shell/credential.ts";
import { fileShell } from "./shell/file.ts";
import { firewalldShell } from "./shell/firewalld.ts";
import { imageShell } from "./shell/image.ts";
import { layerShell } from "./shell/layer.ts";
import { linkShell } from "./shell/link.ts";
import { mountShell } from "./shell/mount.ts";
import { namespaceShell } from "./shell/namespace.ts";
import { processShell } from "./shell/process.ts";
import { recordShell } from "./shell/record.ts";
import { ruleShell } from "./shell/rule.ts";
import { volumeShell } from "./shell/volume.ts";
import type { Renderers } from "./shell/word.ts";
import type { Step, StepKind, StepOf } from "./step.ts";

export { shellOfOperation } from "./shell/operation.ts";
export { refusalOf } from "./shell/sandbox.ts";
export { placeOf } from "./shell/sandbox-part.ts";
export { quoteWord } from "./shell/word.ts";

const renderers: Renderers<Step> = {
  ...bridgeShell,
  ...cgroupShell,
  ...conntrackShell,
  ...credentialShell,
  ...fileShell,
  ...firewalldShell,
  ...imageShell,
  ...layerShell,
  ...linkShell,
  ...mountShell,
  ...namespaceShell,
  ...processShell,
  ...recordShell,
  ...ruleShell,
  ...volumeShell,
};

/** One or more lines of shell with the effect of a step. */
export function shellOfStep<K extends StepKind>(step: StepOf<K>): string;
export function shellOfStep(step: Step): string;
export function shellOfStep(step: Step): string {
  return (renderers[step.kind] as (step: Step) => string)(step);
}
