// How a trace ends, and what is shown of its way: values, and the words for rules and for what the kernel refuses. Pure.
import { quoteWord } from "../../plan/shell/word.ts";
import { isLoopback, onlyAddress } from "./address-set.ts";
import type { Packet } from "./packet.ts";
import { isLocalTo, type RelayTarget, type Space } from "./space.ts";
import type { RuleRef } from "./table.ts";

export type VerdictKind = "reachable" | "blocked" | "unknown";

export interface Verdict {
  readonly kind: VerdictKind;
  /** One clause: what stops it, or who listens. */
  readonly reason: string;
  /** A command that would change the verdict; shown, never run. */
  readonly fix?: string | undefined;
  /** The deciding rule or policy. */
  readonly rule?: RuleRef | undefined;
  /** True when the first packet arrives and its answer does not. */
  readonly answer?: boolean | undefined;
  /** The socket is one of a program that passes on what it gets: the way goes on from its namespace. */
  readonly relay?: { readonly space: Space; readonly to: RelayTarget } | undefined;
  /** A relaying program took the connection, whatever became of it behind. */
  readonly accepted?: boolean | undefined;
}

export interface Hop {
  /** Label of the network namespace. */
  readonly space: string;
  /** "route", "nat PREROUTING", "bridge br0", "listener" ... */
  readonly at: string;
  readonly text: string;
  readonly rule?: RuleRef | undefined;
  /** On the way back. */
  readonly answer: boolean;
}

/** `iptables`, `ip6tables`, with the back end where both hold rules. */
export function commandOf({ family, backend }: RuleRef): string {
  return `${family === "ipv6" ? "ip6tables" : "iptables"}${backend === "" ? "" : `-${backend}`}`;
}

/** `iptables filter FORWARD policy`, `iptables nat DOCKER #2: -p tcp ... -j DNAT ...`. */
export function renderRule(rule: RuleRef): string {
  const where = `${commandOf(rule)} ${rule.table} ${rule.chain}`;
  return rule.number === 0 ? `${where} policy` : `${where} #${rule.number}: ${rule.args.map(quoteWord).join(" ")}`;
}

/** A command as it is typed where tsns runs, to work in a namespace. */
function inSpace({ reference }: Space, command: string): string {
  return reference === undefined ? command : `tsns ns enter ${reference} --net -- ${command}`;
}

/** The command that lets the packet pass before the rule that stops it. */
export function passBefore(space: Space, rule: RuleRef, packet: Packet): string {
  if (rule.chain.startsWith("TSNS-FWD-") && !packet.reply)
    return `publish the port when the container is made: tsns run -p ${packet.destinationPort}:${packet.destinationPort} ...`;
  const place = rule.number === 0 ? ["-A", rule.chain] : ["-I", rule.chain, `${rule.number}`];
  const destination = onlyAddress(packet.destination);
  const match = packet.reply
    ? ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
    : [...(destination ? ["-d", packet.destination.label] : []), "-p", packet.protocol, "--dport", `${packet.destinationPort ?? 0}`];
  const command = [commandOf(rule), "-t", rule.table, ...place, ...match, "-j", "ACCEPT"];
  return inSpace(space, command.map(quoteWord).join(" "));
}

/** `fix`: a command for that namespace. */
export function blockedIn(space: Space, packet: Packet, reason: string, fix?: string): Verdict {
  return { kind: "blocked", reason, fix: fix === undefined ? undefined : inSpace(space, fix), answer: packet.reply };
}

/** What the kernel's refusal to route means, and how it is remedied. `link`: where the packet came in, or would go out. */
export function explainRefusal(space: Space, errno: string, packet: Packet, link: string | undefined): Verdict {
  const blocked = (reason: string, fix?: string): Verdict => blockedIn(space, packet, reason, fix);
  const to = packet.destination.label;
  if (errno === "EXDEV" || errno === "EINVAL")
    return explainInvalid(space, packet, link) ?? blocked(`${space.label} does not route ${to} (${errno})`);
  const key = forwardingOff(space, packet, link);
  if (errno === "EHOSTUNREACH" && key)
    return blocked(`${key} is 0: ${space.label} forwards nothing that comes in by ${link}`, `sysctl -w ${key}=1`);
  const inspect = `ip route get ${to}   # names the route`;
  if (errno === "EACCES") return blocked(`a route of ${space.label} prohibits ${to}`, inspect);
  if (errno === "EHOSTUNREACH") return blocked(`a route of ${space.label} says ${to} is unreachable`, inspect);
  if (errno !== "ENETUNREACH") return blocked(`${space.label} does not route to ${to} (${errno})`, inspect);
  return blocked(`${space.label} has no route for ${packet.reply ? `the answer to ${to}` : to}`, "ip route add default via GATEWAY");
}

/** The sysctl that keeps packets of a link from being forwarded. */
function forwardingOff(space: Space, packet: Packet, link: string | undefined): string | undefined {
  if (link === undefined) return undefined;
  const global = packet.family === "ipv4" ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
  const own = `net.${packet.family}.conf.${link}.forwarding`;
  return [global, own].find((key) => space.sysctl(key) === "0");
}

/**
 * Which check an input route failed. Kernels since 6.13 say EINVAL for all of them (inet_rtm_getroute), older ones EXDEV for the reverse
 * path: so the same questions are asked here in the kernel's order (ip_route_input_slow, __fib_validate_source).
 */
function explainInvalid(space: Space, packet: Packet, link: string | undefined): Verdict | undefined {
  const blocked = (reason: string, fix?: string): Verdict => blockedIn(space, packet, reason, fix);
  const where = link ?? "the link";
  if (link !== undefined && !packet.reply && isLoopback(packet.destination))
    return blocked(`${packet.destination.label} is ${space.label}'s own loopback: nothing that comes in by ${link} may use it`);
  const strange = [packet.destination, packet.source].find(isLoopback);
  if (strange)
    return blocked(
      `route_localnet is off on ${where} of ${space.label}: ${strange.label} may not pass there`,
      `sysctl -w net.ipv4.conf.${link ?? "all"}.route_localnet=1`,
    );
  if (link === undefined) return undefined;
  const source = onlyAddress(packet.source);
  if (source && isLocalTo(space, source))
    return blocked(`${space.label} drops ${packet.source.label} coming in by ${link} as forged: it is its own address`);
  const modes = ["all", link].map((name) => Number(space.sysctl(`net.ipv4.conf.${name}.rp_filter`) ?? 0));
  const mode = Math.max(...modes);
  if (mode === 0) return undefined;
  const back = space.route({ destination: packet.source.sample, mark: 0 });
  if (mode === 2 && back.kind === "unicast") return undefined;
  const by = back.kind === "unicast" ? `would leave by ${back.link}, not by ${link}` : "has no route";
  return blocked(
    `rp_filter of ${link} in ${space.label} drops the packet: an answer to ${packet.source.label} ${by}`,
    back.kind === "unicast" ? `sysctl -w net.ipv4.conf.${link}.rp_filter=2` : `ip route add ${packet.source.label} dev ${link}`,
  );
}
