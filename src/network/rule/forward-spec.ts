// A forwarded port as it is written on a command line, as a value. Knows nothing of rules, links or what is taken.
import { TsnsError } from "../../base/error.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { bracketed } from "../ip.ts";
import type { Protocol } from "../spec.ts";
import { parseIp, renderIp } from "./address.ts";
import type { PortRange } from "./target.ts";

export interface ForwardSpec {
  readonly family: IpFamily;
  /** Address of this host; absent: all of them. */
  readonly hostIp?: string;
  readonly hostPorts: PortRange;
  readonly targetIp: string;
  /** One port for all, or as many as `hostPorts`: the first to the first. */
  readonly targetPorts: PortRange;
  readonly protocol: Protocol;
  /** The target sees this host as the client: for targets that answer by another way. */
  readonly masquerade?: boolean;
}

const protocols: readonly string[] = ["tcp", "udp", "sctp"] satisfies Protocol[];

function bad(text: string, why: string): TsnsError {
  return new TsnsError("invalid", "bad-forward", `cannot forward "${text}": ${why}`, {
    hint: "write it as [IP:]PORT[-RANGE]:IP:PORT[/tcp|udp|sctp], e.g. 8080:10.1.0.5:80 or 8000-8010:[fd00::5]:9000-9010/udp",
    exitCode: 2,
  });
}

/** Parts between colons; what stands in brackets is one part. */
function partsOf(text: string): readonly string[] {
  return text.match(/\[[^\]]*\]|[^:[\]]+|(?<=:)(?=:|$)|^(?=:)/g) ?? [];
}

function parseRange(text: string, range: string, what: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
  const first = Number(match?.[1] ?? 0);
  const last = Number(match?.[2] ?? first);
  if (!match || first < 1 || last > 65535) throw bad(text, `"${range}" is no ${what} from 1 to 65535`);
  if (last < first) throw bad(text, `the range ${range} is empty`);
  return [first, last];
}

function parseAddressPart(text: string, part: string): { family: IpFamily; address: string } {
  const ip = parseIp(part.replace(/^\[(.*)\]$/, "$1"));
  if (!ip) throw bad(text, `"${part}" is no IP address`);
  return { family: ip.family, address: renderIp(ip) };
}

/** `[IP:]PORT[-RANGE]:IP:PORT[-RANGE][/PROTOCOL]`, IPv6 addresses in brackets. Throws TsnsError invalid `bad-forward` (exit code 2). */
export function parseForward(text: string): ForwardSpec {
  const slash = text.lastIndexOf("/");
  const protocol = slash < 0 ? "tcp" : text.slice(slash + 1).toLowerCase();
  if (!protocols.includes(protocol)) throw bad(text, `"${protocol}" is no protocol`);
  const ports = slash < 0 ? text : text.slice(0, slash);
  const parts = partsOf(ports);
  if (parts.join(":") !== ports || parts.length < 3 || parts.length > 4) throw bad(text, "too many or too few parts");
  const [hostPart, targetPart, targetRange] = parts.slice(-3);
  const host = parts.length === 4 ? parseAddressPart(text, parts[0] ?? "") : undefined;
  const hostPorts = parseRange(text, hostPart ?? "", "port of this host");
  const target = parseAddressPart(text, targetPart ?? "");
  const targetPorts = parseRange(text, targetRange ?? "", "port of the target");
  if (host && host.family !== target.family) throw bad(text, "one address is IPv4, the other IPv6");
  const count = hostPorts[1] - hostPorts[0];
  if (targetPorts[1] !== targetPorts[0] && targetPorts[1] - targetPorts[0] !== count) throw bad(text, "the two ranges differ in length");
  if (/^127\./.test(target.address) || target.address === "::1") throw bad(text, `${target.address} is this host's own loopback`);
  if (target.address === "0.0.0.0" || target.address === "::") throw bad(text, `${target.address} is no address of a host`);
  const everywhere = host === undefined || host.address === "0.0.0.0" || host.address === "::";
  return {
    family: target.family,
    ...(everywhere ? {} : { hostIp: host.address }),
    hostPorts,
    targetIp: target.address,
    targetPorts,
    protocol: protocol as Protocol,
  };
}

const renderRange = ([from, to]: PortRange): string => (from === to ? `${from}` : `${from}-${to}`);

/** What is listened on: `0.0.0.0:8080/tcp`. */
export function renderHostSide({ family, hostIp, hostPorts, protocol }: ForwardSpec): string {
  return `${bracketed(hostIp ?? (family === "ipv4" ? "0.0.0.0" : "::"))}:${renderRange(hostPorts)}/${protocol}`;
}

/** Where it leads: `10.1.0.5:80`. */
export function renderTargetSide({ targetIp, targetPorts }: ForwardSpec): string {
  return `${bracketed(targetIp)}:${renderRange(targetPorts)}`;
}

/** In the notation it is given in. */
export function renderForward(spec: ForwardSpec): string {
  const host = spec.hostIp === undefined ? "" : `${bracketed(spec.hostIp)}:`;
  return `${host}${renderRange(spec.hostPorts)}:${renderTargetSide(spec)}/${spec.protocol}`;
}

/** Whether two of them ask for a port of the same address. */
export function forwardsConflict(one: ForwardSpec, other: ForwardSpec): boolean {
  if (one.protocol !== other.protocol || one.family !== other.family) return false;
  if (one.hostPorts[0] > other.hostPorts[1] || other.hostPorts[0] > one.hostPorts[1]) return false;
  return one.hostIp === undefined || other.hostIp === undefined || one.hostIp === other.hostIp;
}
