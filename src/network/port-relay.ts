// Published ports that are asked for by IPv6 and lead to a container without it: the address of the host at which its monitor listens for them,
// and what the monitor is told. The rules that lead there are in rule/port.ts, what passes bytes on is native/port-*.c. Pure.
import type { Operation } from "../plan/operation.ts";
import type { AddressRemove } from "../plan/step/link.ts";
import type { Step } from "../plan/step.ts";
import { familyOfText, parseIp, renderIp } from "./ip.ts";
import { bytesOfAddress, family } from "./link-address.ts";
import { renderHex } from "./message.ts";
import { prefixAdd, prefixRemove } from "./message-address.ts";
import { portRuns } from "./port-run.ts";
import type { Endpoint, NetworkSpec, PortSpec } from "./spec.ts";

/** Nobody's addresses: a container's is this and its IPv4 address, which no other container of the host has (RFC 4193). */
export const portRelayPrefix = "fd74:736e:7301::/96";
const base = 0xfd74736e7301n << 80n;

/** Where the monitor listens, by TCP and UDP: above the ports that the kernel gives to clients, as src/network/name-relay.ts. */
export const portRelayPort = 61054;

const loopback = { index: 1, name: "lo" } as const; // include/net/net_namespace.h: LOOPBACK_IFINDEX
const protocols: Readonly<Partial<Record<string, number>>> = { tcp: 6, udp: 17 };

type RelayPlace = Pick<Endpoint, "ipv4" | "ipv6">;

/** The relay's address for a container; undefined for one that is reached by IPv6 itself. */
export function relayAddressOf({ ipv4, ipv6 }: RelayPlace): string | undefined {
  const ip = ipv4 && !ipv6 ? parseIp(ipv4.address) : undefined;
  return ip && renderIp({ family: "ipv6", value: base | ip.value });
}

/** The container's IPv4 address behind an address of the relay; undefined for another address. */
export function relayedAddress(text: string): string | undefined {
  const ip = parseIp(text);
  if (ip?.family !== "ipv6" || ip.value >> 32n !== base >> 32n) return undefined;
  return renderIp({ family: "ipv4", value: ip.value & 0xffffffffn });
}

/** Whether a network that has no IPv6 is to have its ports relayed, where the host can: translated ports of IPv4, that is. */
export const wantsRelay = ({
  driver = "bridge",
  internal,
  pools,
  gatewayMode,
  configOnly,
}: Omit<NetworkSpec, "name" | "bridge">): boolean =>
  driver === "bridge" &&
  !internal &&
  !configOnly &&
  (gatewayMode?.ipv4 ?? "nat") === "nat" &&
  pools.length > 0 &&
  pools.every(({ subnet }) => familyOfText(subnet) === "ipv4");

/** Protocols that can be passed on. */
export const isRelayable = ({ protocol }: Pick<PortSpec, "protocol">): boolean => protocols[protocol] !== undefined;

/** Ports of a container that its monitor passes on. */
export const relayedPorts = (place: RelayPlace, ports: readonly PortSpec[]): readonly PortSpec[] =>
  relayAddressOf(place) === undefined ? [] : ports.filter((port) => port.hostIp.includes(":") && isRelayable(port));

/** A run as the monitor reads it (native/port-table.h). */
function runHex({ protocol, from, to, shift, hostIp }: ReturnType<typeof portRuns>[number]): string {
  const be16 = (value: number) => [value >>> 8, value & 255];
  const first = from + shift;
  return renderHex(Uint8Array.of(protocols[protocol] ?? 0, 0, ...be16(from), ...be16(to), ...be16(first), ...bytesOfAddress(hostIp)));
}

/** What the monitor is told: no runs, and it ends what it does. Undefined where nothing can be passed on. */
export function relayOperation(place: RelayPlace, ports: readonly PortSpec[]): Operation | undefined {
  const address = relayAddressOf(place);
  if (address === undefined || !place.ipv4) return undefined;
  const prefix = { family: family.ipv6, address, prefixLength: 128 } as const;
  return [
    "port-relay",
    renderHex(bytesOfAddress(address)),
    `${portRelayPort}`,
    renderHex(bytesOfAddress(place.ipv4.address)),
    renderHex(prefixAdd(loopback.index, prefix, false)),
    renderHex(prefixRemove(loopback.index, prefix)),
    ...portRuns(relayedPorts(place, ports)).map(runHex),
  ];
}

/** What tells a monitor to relay these ports instead of those; nothing where none of both are relayed. */
export function relayChange(place: RelayPlace, before: readonly PortSpec[], after: readonly PortSpec[]): Operation | undefined {
  const [had, has] = [before, after].map((ports) => relayedPorts(place, ports).length > 0);
  return had || has ? relayOperation(place, after) : undefined;
}

/** Whether a step takes back an address of the relay. */
export const isRelayRelease = (step: Step): boolean =>
  step.kind === "address.remove" && step.link === loopback.name && relayedAddress(step.address.replace(/\/128$/, "")) !== undefined;

/** Takes the address back after a monitor that could not. */
export function relayRelease(place: RelayPlace, ports: readonly PortSpec[]): AddressRemove | undefined {
  const address = relayedPorts(place, ports).length > 0 ? relayAddressOf(place) : undefined;
  return address === undefined ? undefined : { kind: "address.remove", link: loopback.name, address: `${address}/128`, mayBeGone: true };
}
