// Connections as connection tracking keeps them: both directions, and what was rewritten between them. Parses the lines of
// /proc/net/nf_conntrack; messages of ctnetlink are decoded in src/kernel/network/conntrack.ts. Pure.
import { protocolNames } from "../../plan/protocol.ts";
import { type IpAddress, parseIp, renderIp } from "../rule/address.ts";

export interface Tuple {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** 0 where the protocol has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface Flow {
  /** "tcp", "udp", "icmp", or its number. */
  readonly protocol: string;
  readonly protocolNumber: number;
  /** What the client sent. */
  readonly original: Tuple;
  /** What the answer has, before it is turned back. */
  readonly reply: Tuple;
  /** ESTABLISHED, SYN_SENT ...; empty where the protocol has none. */
  readonly state: string;
  readonly timeoutSeconds: number;
  readonly mark: number;
  readonly zone: number;
  readonly assured: boolean;
  /** No answer has come. */
  readonly unreplied: boolean;
  /** Id of the entry; 0 where the source does not tell. */
  readonly id: number;
}

/** nf_conntrack_tcp.h: TCP_CONNTRACK_*. */
export const tcpStates: readonly string[] = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
];

/** /proc/net/nf_conntrack; lines of another form are left out. */
export function parseFlows(text: string): readonly Flow[] {
  return text.split("\n").flatMap((line) => parseFlow(line) ?? []);
}

const head = /^(ipv4|ipv6)\s+\d+\s+(\S+)\s+(\d+)\s+(?:(\d+)\s+)?(?:([A-Z][A-Z_0-9]*)\s+)?(?=src=)/;

function parseFlow(line: string): Flow | undefined {
  const match = head.exec(line);
  if (!match) return undefined;
  const tuples = parseTuples(line.slice(match[0].length));
  const [original, reply] = tuples;
  if (!original || !reply) return undefined;
  const number = Number(match[3]);
  const field = (name: string) => Number(new RegExp(` ${name}=(\\d+)`).exec(line)?.[1] ?? 0);
  return {
    protocol: protocolNames[number] ?? String(number),
    protocolNumber: number,
    original,
    reply,
    state: match[5] ?? "",
    timeoutSeconds: Number(match[4] ?? 0),
    mark: field("mark"),
    zone: field("zone"),
    assured: line.includes("[ASSURED]"),
    unreplied: line.includes("[UNREPLIED]"),
    id: 0,
  };
}

/** Each `src=` begins a direction. */
function parseTuples(text: string): readonly Tuple[] {
  const parts = text.split(/(?=\bsrc=)/).filter((part) => part.startsWith("src="));
  return parts.flatMap((part) => {
    const value = (name: string) => new RegExp(`(?:^| )${name}=(\\S+)`).exec(part)?.[1];
    const [source, destination] = [parseIp(value("src") ?? ""), parseIp(value("dst") ?? "")];
    if (!source || !destination || source.family !== destination.family) return [];
    return [{ source, destination, sourcePort: Number(value("sport") ?? 0), destinationPort: Number(value("dport") ?? 0) }];
  });
}

export const sameIp = (one: IpAddress, other: IpAddress): boolean => one.family === other.family && one.value === other.value;

/** "10.0.0.2:80", "[fd00::2]:80"; the address alone without port. */
export function renderEndpoint(ip: IpAddress, port: number): string {
  const text = renderIp(ip);
  if (port === 0) return text;
  return ip.family === "ipv6" ? `[${text}]:${port}` : `${text}:${port}`;
}

/** Where the destination was rewritten: to what. */
export function rewrittenDestination({ original, reply }: Flow): { readonly ip: IpAddress; readonly port: number } | undefined {
  if (sameIp(original.destination, reply.source) && original.destinationPort === reply.sourcePort) return undefined;
  return { ip: reply.source, port: reply.sourcePort };
}

/** Where the source was rewritten: to what. */
export function rewrittenSource({ original, reply }: Flow): { readonly ip: IpAddress; readonly port: number } | undefined {
  if (sameIp(original.source, reply.destination) && original.sourcePort === reply.destinationPort) return undefined;
  return { ip: reply.destination, port: reply.destinationPort };
}
