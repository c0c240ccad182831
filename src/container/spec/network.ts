// What a container's Spec says of its network.
import type { PortSpec } from "../../network/spec.ts";

export type NetworkMode =
  | { readonly mode: "bridge"; readonly network: string }
  | { readonly mode: "none" }
  | { readonly mode: "host" }
  | { readonly mode: "container"; readonly container: string };

export interface NetworkSettings {
  readonly network: NetworkMode;
  readonly ports: readonly PortSpec[];
}
