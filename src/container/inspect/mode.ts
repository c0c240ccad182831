// Modes of networks and namespaces as docker words them. Pure.
import type { IpcMode, NamespaceMode } from "../spec/isolation.ts";
import type { NetworkMode } from "../spec/network.ts";

/** Docker's NetworkMode. */
export function networkName(mode: NetworkMode): string {
  if (mode.mode === "bridge") return mode.network;
  return mode.mode === "container" ? `container:${mode.container}` : mode.mode;
}

export function namespaceName(mode: IpcMode | NamespaceMode): string {
  return mode.mode === "private" ? "" : mode.mode === "container" ? `container:${mode.container}` : mode.mode;
}
