// The vocabulary of plans: every effect tsns has on the kernel or on its own files is one of these values.
// Nothing here performs anything; src/kernel/apply.ts does. One file per noun in step/.
import type { BridgeStep } from "./step/bridge.ts";
import type { CgroupStep } from "./step/cgroup.ts";
import type { ConntrackStep } from "./step/conntrack.ts";
import type { CredentialStep } from "./step/credential.ts";
import type { FileStep } from "./step/file.ts";
import type { FirewalldStep } from "./step/firewalld.ts";
import type { ImageStep } from "./step/image.ts";
import type { LayerStep } from "./step/layer.ts";
import type { LinkStep } from "./step/link.ts";
import type { MountStep } from "./step/mount.ts";
import type { NamespaceStep } from "./step/namespace.ts";
import type { ProcessStep } from "./step/process.ts";
import type { RecordStep } from "./step/record.ts";
import type { RuleStep } from "./step/rule.ts";
import type { VolumeStep } from "./step/volume.ts";

export type { HostOwner } from "./step/file.ts";

export type Step =
  | BridgeStep
  | CgroupStep
  | ConntrackStep
  | CredentialStep
  | FileStep
  | FirewalldStep
  | ImageStep
  | LayerStep
  | LinkStep
  | MountStep
  | NamespaceStep
  | ProcessStep
  | RecordStep
  | RuleStep
  | VolumeStep;

export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;
