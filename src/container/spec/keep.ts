// What a container's Spec says of what becomes of it when its command ends, and of how it is asked whether it is well.
import type { HealthCheck } from "../../image/spec.ts";
import type { RestartPolicy } from "../restart.ts";

export interface KeepSettings {
  readonly autoRemove: boolean;
  readonly restart?: RestartPolicy;
  readonly health?: HealthCheck;
  /** The image's, for a health check that is text for a shell. */
  readonly healthShell?: readonly string[];
}
