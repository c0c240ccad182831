// Who reaches which port: every door of the host seen from every side, by tracing. Says where a firewall's INPUT rules claim to deny what
// never passes INPUT. Pure.
import type { IpFamily } from "../../plan/rule.ts";
import type { IpAddress } from "../rule/address.ts";
import { programOfChain } from "../rule/owner.ts";
import { isSpecial, setOfAddress } from "../trace/address-set.ts";
import { runHook } from "../trace/hook.ts";
import { atOrigin } from "../trace/packet.ts";
import { linkLocalOf, outerLinks, outside, type Sender, uplink } from "../trace/place.ts";
import type { Space, World } from "../trace/space.ts";
import type { RuleRef } from "../trace/table.ts";
import { type Trace, type TraceQuestion, trace } from "../trace/trace.ts";
import type { VerdictKind } from "../trace/verdict.ts";
import type { Door } from "./door.ts";

/** A side to look from. */
export interface Side {
  readonly name: string;
  /** The sender of packets to an address; undefined when there is nobody on that side for its family. */
  senderTo(destination: IpAddress): Sender | undefined;
}

export interface Cell {
  readonly side: string;
  readonly verdict: VerdictKind;
  readonly reason: string;
  readonly rule?: RuleRef | undefined;
  /** Who claims to deny what is open. */
  readonly bypassed?: string | undefined;
}

export interface Row {
  readonly door: Door;
  readonly cells: readonly Cell[];
}

/** `host`, `lan` and `internet`, by name. */
export function namedSide(host: Space, name: "host" | "lan" | "internet"): Side {
  if (name === "host") return { name, senderTo: () => ({ origin: { kind: "inside", space: host }, label: "host" }) };
  return { name, senderTo: (destination) => outside(host, name, destination) };
}

export function exposure(world: World, host: Space, doors: readonly Door[], sides: readonly Side[]): readonly Row[] {
  const look = new Looker(world, host);
  return doors.map((door) => ({ door, cells: sides.map((side) => look.cell(door, side)) }));
}

/** Same questions are asked once. */
class Looker {
  readonly #world: World;
  readonly #host: Space;

  constructor(world: World, host: Space) {
    this.#world = world;
    this.#host = host;
  }

  /** The most open of the families the door is in. */
  cell(door: Door, side: Side): Cell {
    const families: readonly IpFamily[] = door.both ? ["ipv4", "ipv6"] : [door.family];
    const cells = families.flatMap((family) => this.#cellOf(door, side, family) ?? []);
    const best = cells.find(({ verdict }) => verdict === "reachable") ?? cells.find(({ verdict }) => verdict === "unknown") ?? cells[0];
    return best ?? { side: side.name, verdict: "blocked", reason: `this host has no ${door.family} address that ${side.name} could ask` };
  }

  #cellOf(door: Door, side: Side, family: IpFamily): Cell | undefined {
    // An IPv6 socket is always open to neighbours: every link has an address of its own.
    const linkLocal = side.name === "lan" && family === "ipv6" && outerLinks(this.#host, family).length === 0;
    const destination = door.address ?? (linkLocal ? linkLocalOf(this.#host) : undefined) ?? this.#usualAddress(family);
    if (!destination) return undefined;
    const sender = side.senderTo(destination);
    if (!sender) return { side: side.name, verdict: "blocked", reason: `this host has no way to ${side.name} (${family})` };
    if (side.name === "internet" && door.address && isSpecial(door.address) && !this.#isOuter(door.address))
      return { side: side.name, verdict: "blocked", reason: "no router of the internet leads to that address" };
    const question: TraceQuestion = {
      origin: sender.origin,
      ...(sender.source ? { source: sender.source } : {}),
      destination,
      port: door.port,
      protocol: door.protocol,
    };
    const found = trace(this.#world, question);
    const { kind, reason, rule } = found.verdict;
    return { side: side.name, verdict: kind, reason, rule, bypassed: kind === "blocked" ? undefined : this.#claim(question, found) };
  }

  #isOuter(ip: IpAddress): boolean {
    const links = new Set(outerLinks(this.#host, ip.family).map(({ index }) => index));
    return this.#host.addresses.some((own) => links.has(own.link) && own.ip.value === ip.value && own.ip.family === ip.family);
  }

  /** The address others know the host by. */
  #usualAddress(family: IpFamily): IpAddress | undefined {
    const link = uplink(this.#host, family) ?? outerLinks(this.#host, family)[0];
    const own = this.#host.addresses.filter(({ ip }) => ip.family === family);
    const known = own.find((address) => address.link === link?.index && !(family === "ipv6" && address.ip.value >> 118n === 0x3fan));
    return (known ?? (link ? undefined : own[0]))?.ip;
  }

  /** Rewritten packets never pass INPUT: who would have stopped this one there? */
  #claim({ origin, source, destination, port, protocol }: TraceQuestion, { hops }: Trace): string | undefined {
    if (origin.kind !== "behind" || !source) return undefined;
    if (!hops.some(({ at, answer, space }) => at === "nat PREROUTING" && !answer && space === this.#host.label)) return undefined;
    const result = runHook(
      this.#host,
      "INPUT",
      {
        family: destination.family,
        protocol,
        source,
        destination: setOfAddress(destination),
        sourcePort: undefined,
        clientPorts: [1024, 65535],
        destinationPort: port,
        in: origin.link.name,
        ...atOrigin,
      },
      { translated: true },
    );
    if (result.kind !== "stop") return undefined;
    return `${this.#firewall(result.by)} denies it in INPUT, but its address is rewritten before and it passes FORWARD instead`;
  }

  /** ufw and firewalld set INPUT's policy, or deny in chains of their own. */
  #firewall(rule: RuleRef): string {
    const own = programOfChain(rule.chain);
    if (own !== undefined) return own;
    const chains = (this.#host.tables(rule.family) ?? []).flatMap((table) => [...table.names]);
    return ["ufw", "firewalld"].find((program) => chains.some((chain) => programOfChain(chain) === program)) ?? "the host's own rule";
  }
}
