// What a trace carries along its way: the hops so far, what each namespace remembers of the connection, and which rules are in
// doubt. The steps of the way are in path.ts and bridge.ts.
import type { IpAddress } from "../rule/address.ts";
import { type Doubt, type HookName, type HookResult, runHook } from "./hook.ts";
import type { Packet } from "./packet.ts";
import type { Space, SpaceLink, World } from "./space.ts";
import type { End, RuleRef } from "./table.ts";
import { renderEnds, restoreDestination, restoreSource, type Tracked, translate } from "./translate.ts";
import { type Hop, passBefore, renderRule, type Verdict } from "./verdict.ts";

export interface Journey {
  readonly world: World;
  readonly hops: Hop[];
  readonly doubts: { readonly doubt: Doubt; readonly space: string }[];
  /** By namespace. A namespace that has an entry has seen the first packet. */
  readonly tracked: Map<string, Tracked>;
  /** Where the first packet came from, and what it asked for. */
  readonly origin: Origin;
  readonly asked: Packet;
  /** Steps taken: a loop of routes or bridges ends. */
  steps: number;
}

export type Origin =
  /** A process of that namespace. */
  | { readonly kind: "inside"; readonly space: Space }
  /** Somebody behind a link of that namespace. */
  | { readonly kind: "behind"; readonly space: Space; readonly link: SpaceLink };

/** A step either goes on with a packet or ends the trace. */
export type Step = { readonly packet: Packet } | { readonly verdict: Verdict };

export function note(journey: Journey, space: Space, at: string, text: string, packet: Packet, rule?: RuleRef): void {
  journey.hops.push({ space: space.label, at, text, answer: packet.reply, ...(rule ? { rule } : {}) });
}

export const unknown = (reason: string, packet: Packet, rule?: RuleRef): { verdict: Verdict } => ({
  verdict: { kind: "unknown", reason, rule, answer: packet.reply },
});

/** The packet as rules of a namespace see it: state and translations are that namespace's. */
function seenBy(journey: Journey, space: Space, packet: Packet): Packet {
  const tracked = journey.tracked.get(space.id);
  const known = { ...packet, dnat: tracked?.destination !== undefined, snat: tracked?.source !== undefined };
  if (!packet.reply || packet.state === "UNTRACKED") return known;
  if (tracked) return { ...known, state: "ESTABLISHED" };
  return { ...known, state: packet.protocol === "tcp" ? "INVALID" : "NEW" };
}

const destinationHooks: readonly HookName[] = ["PREROUTING", "OUTPUT"];

/** All tables of one hook, and the address translation that belongs to it. `nextHop`: for masquerading. */
export function passHook(journey: Journey, space: Space, hook: HookName, given: Packet, nextHop?: IpAddress): Step {
  const packet = seenBy(journey, space, given);
  const tracked = journey.tracked.get(space.id);
  const side = destinationHooks.includes(hook) ? "destination" : "source";
  const decided = packet.reply || (side === "destination" ? tracked?.destination !== undefined : tracked?.source !== undefined);
  const looped = hook === "PREROUTING" && packet.in === "lo" && tracked !== undefined;
  const result = runHook(space, hook, packet, { translated: decided || looped });
  describe(journey, space, result, packet);
  for (const doubt of result.doubts) journey.doubts.push({ doubt, space: space.label });
  if (result.kind === "unknown") return unknown(result.why, packet, result.by);
  if (result.kind === "stop") return { verdict: stopped(space, result, packet) };
  return finish(journey, space, hook, result, nextHop);
}

function finish(journey: Journey, space: Space, hook: HookName, result: Extract<HookResult, { kind: "pass" }>, nextHop?: IpAddress): Step {
  const { packet } = result;
  if (packet.state === "UNTRACKED") return { packet };
  if (packet.reply) {
    const tracked = journey.tracked.get(space.id);
    const turned = turnBack(hook, packet, tracked);
    if (turned !== packet) note(journey, space, `conntrack ${hook}`, `turned back: ${ends(packet)} becomes ${ends(turned)}`, packet);
    return { packet: { ...turned, state: "ESTABLISHED" } };
  }
  const tracked = journey.tracked.get(space.id) ?? {};
  journey.tracked.set(space.id, tracked);
  if (!result.translate) return { packet };
  const { target, by } = result.translate;
  const translated = translate(space, packet, target, nextHop);
  if ("unknown" in translated) return unknown(translated.unknown, packet, by);
  tracked[translated.side] = translated.change;
  const { change, side } = translated;
  note(journey, space, `nat ${hook}`, `${side} ${renderEnds(change.from)} becomes ${renderEnds(change.to)}`, packet, by);
  return { packet: translated.packet };
}

function turnBack(hook: HookName, packet: Packet, tracked: Tracked | undefined): Packet {
  if (hook === "FORWARD") return packet;
  return destinationHooks.includes(hook) ? restoreDestination(packet, tracked) : restoreSource(packet, tracked);
}

const ends = (packet: Packet): string =>
  `${renderEnds({ address: packet.source, port: packet.sourcePort })} -> ${renderEnds({ address: packet.destination, port: packet.destinationPort })}`;

function wordOf({ effect, by }: End): string {
  if (effect.kind === "drop") return "dropped";
  if (effect.kind === "reject") return "rejected";
  return by.number > 0 ? "accepted" : "nothing stops it";
}

/** Tables without rules are not worth a line. */
function describe(journey: Journey, space: Space, result: HookResult, packet: Packet): void {
  for (const { table, hook, walk, end } of result.results) {
    if (walk.looked === 0 && end.effect.kind === "pass") continue;
    if (end.effect.kind === "translate") continue; // told with the addresses it leads to
    const rules = `${walk.looked} ${walk.looked === 1 ? "rule" : "rules"} looked at`;
    const by = end.by.number > 0 || end.effect.kind !== "pass" ? end.by : undefined;
    note(journey, space, `${table.name} ${hook}`, `${rules}, ${wordOf(end)}`, packet, by);
  }
}

function stopped(space: Space, { effect, by, packet }: Extract<HookResult, { kind: "stop" }>, seen: Packet): Verdict {
  const verb = effect.kind === "drop" ? "drops" : "rejects";
  const what = seen.reply ? "the answer" : "the packet";
  return {
    kind: "blocked",
    reason: `${renderRule(by)} of ${space.label} ${verb} ${what}`,
    fix: passBefore(space, by, packet),
    rule: by,
    answer: seen.reply,
  };
}
