// Doors of a host: every port that a program listens on and every port that a rule of nat leads elsewhere. Pure.
import { bracketed, families } from "../ip.ts";
import { portRelayPort, relayedAddress } from "../port-relay.ts";
import { type IpAddress, parseMatch, renderIp } from "../rule/match.ts";
import type { PortRange } from "../rule/target.ts";
import type { TracedProtocol } from "../trace/packet.ts";
import type { Listener, Space } from "../trace/space.ts";
import type { Table } from "../trace/table.ts";

export interface Door {
  readonly protocol: TracedProtocol;
  readonly port: number;
  /** The last one of a long range that one rule leads elsewhere; the first stands for all of them. */
  readonly lastPort?: number;
  /** What it is bound to or published on; undefined for every address of the family. */
  readonly address?: IpAddress;
  readonly family: "ipv4" | "ipv6";
  /** An IPv6 socket that takes IPv4 as well, or may. */
  readonly both: boolean;
  /** Where a rule leads packets to: "10.66.0.2:80", "[fd00::2]:9000-9999". */
  readonly to?: string;
  readonly listener?: Listener;
}

const protocols: readonly TracedProtocol[] = ["tcp", "udp"];
/** Ranges of ports are followed one by one up to this many, longer ones by their first. */
const mostPorts = 16;

/** "80", "9000-9999". */
export const renderDoorPort = ({ port, lastPort }: Pick<Door, "port" | "lastPort">): string =>
  lastPort === undefined ? `${port}` : `${port}-${lastPort}`;

const keyOf = (door: Door): string =>
  `${door.protocol} ${renderDoorPort(door)} ${door.address ? renderIp(door.address) : door.both ? "*" : door.family}`;

/** By port, published ones first where a program listens as well. */
export function doorsOf(host: Space): readonly Door[] {
  const doors = new Map<string, Door>();
  const published = families.flatMap((family) => (host.tables(family) ?? []).flatMap(doorsOfTable));
  const listening = protocols.flatMap((protocol) =>
    (host.listeners(protocol) ?? []).filter((listener) => !isRelay(listener)).map((listener) => doorOfListener(protocol, listener)),
  );
  for (const door of [...published, ...listening]) {
    const key = keyOf(door);
    const known = doors.get(key);
    if (!known) doors.set(key, door);
    else if (known.to !== undefined && known.listener === undefined && door.listener) doors.set(key, { ...known, listener: door.listener });
  }
  return [...doors.values()].sort((one, other) => one.port - other.port || (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** A monitor's own address leads nowhere unless a rule has led there; that rule is the door. */
const isRelay = ({ address, port }: Listener): boolean => port === portRelayPort && relayedAddress(renderIp(address)) !== undefined;

function doorOfListener(protocol: TracedProtocol, listener: Listener): Door {
  const { address, port } = listener;
  const any = address.value === 0n;
  return {
    protocol,
    port,
    family: address.family,
    both: any && address.family === "ipv6" && listener.takesIpv4 !== false,
    listener,
    ...(any ? {} : { address }),
  };
}

/** Rules that lead named ports elsewhere. */
function doorsOfTable(table: Table): readonly Door[] {
  if (table.name !== "nat") return [];
  return [...table.chains.values()].flat().flatMap(({ rule }) => doorsOfRule(table, rule.args));
}

function doorsOfRule(table: Table, args: readonly string[]): readonly Door[] {
  const { conditions, target } = parseMatch(args, table.names);
  if (target.kind !== "dnat" && target.kind !== "redirect") return [];
  let wanted: readonly TracedProtocol[] = protocols;
  let ports: readonly PortRange[] = [];
  let address: IpAddress | undefined;
  for (const condition of conditions) {
    if (condition.kind === "protocol" && !condition.not) wanted = protocols.filter((protocol) => protocol === condition.protocol);
    if (condition.kind === "ports" && condition.side === "destination" && !condition.not) ports = condition.ranges.flatMap(portsOf);
    if (condition.kind === "address" && condition.side === "destination" && !condition.not && isHost(condition.block))
      address = { family: condition.block.family, value: condition.block.base };
  }
  const to = target.kind === "dnat" ? target.to.address : undefined;
  const toPorts = target.kind === "dnat" ? target.to.ports : target.ports;
  const base = target.kind === "dnat" ? target.to.basePort : undefined;
  const toPort = (port: number) => {
    if (!toPorts) return port;
    if (base !== undefined) return toPorts[0] + port - base;
    // A port that is in the range already stays (nf_nat_core.c: nf_nat_l4proto_in_range).
    return port >= toPorts[0] && port <= toPorts[1] ? port : toPorts[0];
  };
  const host = to ? renderIp(to.from) : "this host";
  return wanted.flatMap((protocol) =>
    ports.map(([port, last]): Door => {
      const [first, end] = [toPort(port), toPort(last)];
      const text = `${bracketed(host)}:${first}${end === first ? "" : `-${end}`}`;
      const range = last === port ? {} : { lastPort: last };
      return { protocol, port, ...range, family: table.family, both: false, to: text, ...(address ? { address } : {}) };
    }),
  );
}

const isHost = ({ family, prefixLength }: { readonly family: "ipv4" | "ipv6"; readonly prefixLength?: number }): boolean =>
  prefixLength === (family === "ipv4" ? 32 : 128);

function portsOf([from, to]: PortRange): readonly PortRange[] {
  if (to - from + 1 > mostPorts) return [[from, to]];
  return Array.from({ length: to - from + 1 }, (_, at) => [from + at, from + at] as const);
}
