// Modes of networks and namespaces as docker words them. Pure.
import type { IpcMode, NamespaceMode } from "../spec/isolation.ts";
import type { NetworkMode, NetworkSettings } from "../spec/network.ts";

/** Docker's NetworkMode. */
export function networkName(mode: NetworkMode): string {
  if (mode.mode === "bridge") return mode.network;
  return mode.mode === "container" ? `container:${mode.container}` : mode.mode;
}

/** The networks a container is on, for docker's lists: comma separated; of other modes the mode itself. */
export function networkNames({ network, attachments }: Pick<NetworkSettings, "network" | "attachments">): string {
  return network.mode === "bridge" ? attachments.map((attachment) => attachment.network).join(",") : networkName(network);
}

export function namespaceName(mode: IpcMode | NamespaceMode): string {
  return mode.mode === "private" ? "" : mode.mode === "container" ? `container:${mode.container}` : mode.mode;
}
