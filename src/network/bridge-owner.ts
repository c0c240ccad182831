// Whose a bridge is: by the networks that engines keep in their files, else by the names they give. Pure; who read the files is in
// src/kernel/network/bridge-name.ts.
import { isObject, parseObject } from "../base/json.ts";
import type { Owner, OwnerEngine } from "../namespace/owner.ts";

/** Bridge of a network that an engine's files describe. */
export interface NetworkOfBridge {
  readonly engine: OwnerEngine;
  readonly bridge: string;
  readonly network: string;
}

/** podman's network files (netavark): `{"name": "web", "network_interface": "podman1"}`; CNI's: `{"name": ..., "plugins": [{"type": "bridge", "bridge": ...}]}`. */
export function parseNetworkFile(text: string): NetworkOfBridge | undefined {
  const value = parseObject(text);
  if (typeof value?.name !== "string") return undefined;
  const plugins = Array.isArray(value.plugins) ? value.plugins.filter(isObject) : [];
  const bridge = value.network_interface ?? plugins.find((plugin) => plugin.type === "bridge")?.bridge;
  return typeof bridge === "string" ? { engine: "podman", bridge, network: value.name } : undefined;
}

/**
 * A container's file of docker (`config.v2.json`), which says by name and id what networks it is on; docker calls the bridge of a network
 * by the first 12 digits of its id.
 */
export function parseDockerNetworks(text: string): readonly NetworkOfBridge[] {
  const settings = parseObject(text)?.NetworkSettings;
  const networks = isObject(settings) && isObject(settings.Networks) ? settings.Networks : {};
  return Object.entries(networks).flatMap(([network, endpoint]): readonly NetworkOfBridge[] => {
    const id = isObject(endpoint) ? endpoint.NetworkID : undefined;
    if (typeof id !== "string" || !/^[0-9a-f]{64}$/.test(id)) return [];
    return [{ engine: "docker", bridge: `br-${id.slice(0, 12)}`, network }];
  });
}

/** libvirt's dnsmasq configuration `<network>.conf`, one option per line. */
export function parseDnsmasqFile(network: string, text: string): NetworkOfBridge | undefined {
  const bridge = /^interface=(\S+)$/m.exec(text)?.[1];
  return bridge === undefined ? undefined : { engine: "libvirt", bridge, network };
}

/** Names that engines give by themselves, and what they call the network. */
const givenNames: readonly { readonly pattern: RegExp; readonly engine: OwnerEngine; readonly network: string }[] = [
  { pattern: /^docker0$/, engine: "docker", network: "bridge" },
  { pattern: /^docker_gwbridge$/, engine: "docker", network: "docker_gwbridge" },
  { pattern: /^br-([0-9a-f]{12})$/, engine: "docker", network: "$1" },
  { pattern: /^(?:cni-)?podman0$/, engine: "podman", network: "podman" },
  { pattern: /^(?:cni-)?podman(\d+)$/, engine: "podman", network: "podman$1" },
  { pattern: /^virbr0$/, engine: "libvirt", network: "default" },
  { pattern: /^(virbr\d+)$/, engine: "libvirt", network: "$1" },
  { pattern: /^(lxcbr\d+|lxdbr\d+|incusbr\d+)$/, engine: "lxc", network: "$1" },
  { pattern: /^(cni0|cbr0|kube-bridge)$/, engine: "kubernetes", network: "$1" },
  { pattern: /^(tsns0|tsns-[0-9a-z]{10})$/, engine: "tsns", network: "$1" },
];

export function ownerOfBridge(name: string, networks: readonly NetworkOfBridge[]): Owner | undefined {
  const known = networks.find(({ bridge }) => bridge === name);
  if (known) return { engine: known.engine, name: known.network, id: "", pid: 0 };
  for (const { pattern, engine, network } of givenNames) {
    if (pattern.test(name)) return { engine, name: name.replace(pattern, network), id: "", pid: 0 };
  }
  return undefined;
}
