// What a container's Spec is told in other words against: its image's own settings and the names of today.
import type { ImageConfig } from "../../image/spec.ts";
import type { ContainerSpec } from "../spec.ts";

/** What a Spec is read against. */
export interface AsQuestion {
  readonly name: string;
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly image: ImageConfig;
  /** Name or id that finds the image now. */
  readonly imageReference: string;
  /** Name of this machine. */
  readonly hostName: string;
  /** Name of another container, by its id. */
  readonly nameOf: (id: string) => string;
}
