// What happens to a packet at one hook of netfilter: its tables in the kernel's order, and what each decides. Knows no routes.
import type { TableName } from "../../plan/rule.ts";
import { type AddressSet, type Answer, isInBlock } from "./address-set.ts";
import type { MatchFacts, Packet } from "./packet.ts";
import { isLocalTo, type Space } from "./space.ts";
import { type Effect, type End, type RuleRef, type Table, type Walk, walkTable } from "./table.ts";

export type HookName = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

/** Order of priorities, linux/netfilter_ipv4.h: raw -300, mangle -150, nat -100 (destination), filter 0, security 50, nat 100 (source). */
const order: Readonly<Record<HookName, readonly TableName[]>> = {
  PREROUTING: ["raw", "mangle", "nat"],
  INPUT: ["mangle", "filter", "security", "nat"],
  FORWARD: ["mangle", "filter", "security"],
  OUTPUT: ["raw", "mangle", "nat", "filter", "security"],
  POSTROUTING: ["mangle", "nat"],
};

/** What one table made of the packet. */
export interface TableResult {
  readonly table: Table;
  readonly hook: HookName;
  readonly walk: Walk;
  readonly end: End;
}

export type HookResult = { readonly results: readonly TableResult[]; readonly doubts: readonly Doubt[] } & (
  | { readonly kind: "pass"; readonly packet: Packet; readonly translate?: Translation }
  | { readonly kind: "stop"; readonly effect: Extract<Effect, { kind: "drop" | "reject" }>; readonly by: RuleRef; readonly packet: Packet }
  | { readonly kind: "unknown"; readonly why: string; readonly by?: RuleRef }
);

export interface Translation {
  readonly target: Extract<Effect, { kind: "translate" }>["target"];
  readonly by: RuleRef;
}

/** A rule of which it is not known whether it matches, and what would happen if it stopped the packet. */
export interface Doubt {
  readonly rule: RuleRef;
  /** What would stop it then. */
  readonly stop: RuleRef;
  readonly otherwise: "drop" | "reject";
}

export interface HookOptions {
  /** Address translation of this kind has been decided for the connection already: nat is not asked. */
  readonly translated: boolean;
}

/** Runs all tables of a hook. */
export function runHook(space: Space, hook: HookName, packet: Packet, options: HookOptions): HookResult {
  const tables = space.tables(packet.family);
  if (!tables) return { kind: "unknown", why: `the rules of ${space.label} cannot be read`, results: [], doubts: [] };
  const facts = factsOf(space);
  const results: TableResult[] = [];
  const doubts: Doubt[] = [];
  let current = packet;
  let translate: Translation | undefined;
  for (const name of order[hook]) {
    if (name === "nat" && (options.translated || translate || current.state !== "NEW")) continue;
    for (const table of tables.filter((candidate) => candidate.name === name)) {
      if (name === "nat" && translate) break;
      const walk = walkTable(table, hook, current, facts);
      if (!walk) continue;
      const settled = settle(walk);
      if (settled.kind === "unknown") return { ...settled, results, doubts };
      doubts.push(...settled.doubts);
      const { end } = settled;
      results.push({ table, hook, walk, end });
      if (end.effect.kind === "drop" || end.effect.kind === "reject")
        return { kind: "stop", effect: end.effect, by: end.by, packet: current, results, doubts };
      current = end.packet;
      if (end.effect.kind === "translate") translate = { target: end.effect.target, by: end.by };
    }
  }
  return { kind: "pass", packet: current, results, doubts, ...(translate ? { translate } : {}) };
}

type Settled =
  | { readonly kind: "end"; readonly end: End; readonly doubts: readonly Doubt[] }
  | { readonly kind: "unknown"; readonly why: string; readonly by: RuleRef };

/** One end of several. A packet that may also be dropped goes on in doubt; one that may be rewritten differently does not. */
function settle({ ends }: Walk): Settled {
  const strange = ends.find((end) => end.effect.kind === "unknown");
  if (strange?.effect.kind === "unknown" && (ends.length === 1 || ends.every((end) => end.effect.kind === "unknown")))
    return { kind: "unknown", why: `what ${strange.effect.target} does with the packet is not modelled`, by: strange.by };
  const passing = ends.filter((end) => end.effect.kind !== "drop" && end.effect.kind !== "reject");
  const stopping = ends.filter((end) => end.effect.kind === "drop" || end.effect.kind === "reject");
  const [first] = passing;
  const [stop] = stopping;
  if (!first) return stop ? { kind: "end", end: stop, doubts: [] } : { kind: "unknown", why: "no end of the table is known", by: noRule };
  const other = passing.find((end) => keyOf(end) !== keyOf(first));
  if (other)
    return { kind: "unknown", why: "whether this rule matches decides where the packet goes", by: other.doubt ?? first.doubt ?? other.by };
  const merged = { ...first, packet: mergeMarks(passing) };
  if (!stop) return { kind: "end", end: merged, doubts: [] };
  return {
    kind: "end",
    end: merged,
    doubts: [{ rule: stop.doubt ?? first.doubt ?? stop.by, stop: stop.by, otherwise: stop.effect.kind === "reject" ? "reject" : "drop" }],
  };
}

const noRule: RuleRef = { family: "ipv4", backend: "", table: "filter", chain: "", number: 0, args: [] };

/** What a passing end does to the packet other than to its marks. */
function keyOf({ effect, packet }: End): string {
  const what =
    effect.kind === "translate" ? JSON.stringify(effect.target, (_, value) => (typeof value === "bigint" ? `${value}` : value)) : "";
  return `${effect.kind} ${what} ${packet.state}`;
}

/** Marks that differ between the possible ends are not known. */
function mergeMarks(ends: readonly End[]): Packet {
  const [first] = ends;
  if (!first) throw new Error("no ends");
  const same = <K extends "mark" | "connectionMark">(key: K) =>
    ends.every((end) => end.packet[key] === first.packet[key]) ? first.packet[key] : undefined;
  return { ...first.packet, mark: same("mark"), connectionMark: same("connectionMark") };
}

/** Facts about a namespace that conditions ask for. */
function factsOf(space: Space): MatchFacts {
  return { addressType: (set, link) => addressType(space, set, link) };
}

const multicast = { ipv4: { family: "ipv4", base: 0xe0000000n, mask: 0xf0000000n, prefixLength: 4 } } as const;

function addressType(space: Space, set: AddressSet, link?: string): string | undefined {
  if (set.family === "ipv4" && isInBlock(set, multicast.ipv4) === "yes") return "MULTICAST";
  const single = set.ranges.length === 1 && set.ranges[0]?.[0] === set.ranges[0]?.[1];
  if (single) return typeOfSingle(space, set, link);
  // A set of other hosts' addresses holds none of this namespace's own.
  const touches: Answer[] = space.addresses
    .filter(({ ip }) => ip.family === set.family)
    .map(({ ip }) => (set.ranges.some(([from, to]) => ip.value >= from && ip.value <= to) ? "maybe" : "no"));
  return touches.includes("maybe") ? undefined : "UNICAST";
}

function typeOfSingle(space: Space, set: AddressSet, link?: string): string {
  const ip = set.sample;
  if (link !== undefined) {
    const index = space.links.find(({ name }) => name === link)?.index;
    const onLink = space.addresses.some((own) => own.link === index && own.ip.family === ip.family && own.ip.value === ip.value);
    return onLink ? "LOCAL" : "UNICAST";
  }
  if (isLocalTo(space, ip)) return "LOCAL";
  if (ip.family === "ipv6") return ip.value >> 120n === 0xffn ? "MULTICAST" : "UNICAST";
  const broadcast = ip.value === 0xffffffffn || space.addresses.some((own) => isBroadcastOf(own.ip.value, own.prefixLength, ip.value));
  return broadcast ? "BROADCAST" : "UNICAST";
}

function isBroadcastOf(own: bigint, prefixLength: number, ip: bigint): boolean {
  if (prefixLength >= 31) return false;
  const hosts = (1n << BigInt(32 - prefixLength)) - 1n;
  return (own | hosts) === ip && own >> 32n === 0n;
}
