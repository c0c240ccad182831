// The Spec every front end ends in: a complete description of one container, image defaults merged in,
// units resolved. `create` stores it; `start` compiles it.
import type { ResourceSpec } from "../cgroup/spec.ts";
import type { IsolationSettings } from "./spec/isolation.ts";
import type { KeepSettings } from "./spec/keep.ts";
import type { LogSettings } from "./spec/log.ts";
import type { NetworkSettings } from "./spec/network.ts";
import type { ProcessSettings } from "./spec/process.ts";
import type { SecuritySettings } from "./spec/security.ts";
import type { StorageSettings } from "./spec/storage.ts";

/** What a request and the Spec made of it have alike: an image has no say in it. */
export interface ContainerSettings
  extends ProcessSettings,
    IsolationSettings,
    SecuritySettings,
    NetworkSettings,
    StorageSettings,
    KeepSettings,
    LogSettings {
  readonly resources: ResourceSpec;
}

export interface ContainerSpec extends ContainerSettings {
  /** As the user wrote it (docker's Config.Image). */
  readonly imageName: string;
  readonly imageId: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string;
  /** `name|uid[:group|gid]`, empty for root. */
  readonly user: string;
  readonly hostname: string;
  /** stdin closes when the first attached client leaves (docker's StdinOnce). */
  readonly stdinOnce: boolean;
  readonly stopSignal: string;
  readonly stopTimeoutSeconds: number;
  /** Path of the program of `runtime`, as it was found when the container was made. */
  readonly runtimeProgram?: string;
}
