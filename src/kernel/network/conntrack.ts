// Connection tracking of any network namespace: listed and changed through ctnetlink (linux/netfilter/nfnetlink_conntrack.h), listed
// from /proc/net/nf_conntrack where the kernel has no ctnetlink. Numbers in its attributes are big-endian.
import { KernelError, TsnsError } from "../../base/error.ts";
import { type Flow, parseFlows, type Tuple, tcpStates } from "../../network/flow/flow.ts";
import { bytesOfAddress } from "../../network/link-address.ts";
import { type Attribute, renderMessage, u32 } from "../../network/message.ts";
import type { IpAddress } from "../../network/rule/address.ts";
import { protocolNames } from "../../plan/protocol.ts";
import type { FlowTuple } from "../../plan/step/conntrack.ts";
import { parseAttributes } from "../netlink/decode.ts";
import { netlinkFamily, type Reply, refusal, tryExchanges } from "../netlink/relay.ts";
import { type NamespacePlace, readNetFile } from "./net-file.ts";

const subsystem = 1 << 8; // NFNL_SUBSYS_CTNETLINK
const message = { get: subsystem | 1, remove: subsystem | 2 } as const; // IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE
/** CTA_*. */
const cta = { original: 1, reply: 2, status: 3, protocolInfo: 4, timeout: 7, mark: 8, id: 12, zone: 18, filter: 25 } as const;
const byProtocol = 1 << 3; // CTA_FILTER_F_CTA_PROTO_NUM
const tupleAttribute = { ip: 1, protocol: 2 } as const; // CTA_TUPLE_*
const ipAttribute = { source4: 1, destination4: 2, source6: 3, destination6: 4 } as const; // CTA_IP_*
const protocolAttribute = { number: 1, sourcePort: 2, destinationPort: 3 } as const; // CTA_PROTO_*
const status = { seenReply: 2, assured: 4 } as const; // IPS_*
const families = { ipv4: 2, ipv6: 10 } as const;

function big(bytes: Uint8Array | undefined): bigint {
  let value = 0n;
  for (const byte of bytes ?? []) value = (value << 8n) | BigInt(byte);
  return value;
}

const number = (bytes: Uint8Array | undefined): number => Number(big(bytes?.subarray(0, 6)));

function parseTuple(bytes: Uint8Array | undefined): { readonly tuple: Tuple; readonly protocol: number } | undefined {
  if (!bytes) return undefined;
  const parts = parseAttributes(bytes);
  const ip = parseAttributes(parts.get(tupleAttribute.ip) ?? new Uint8Array());
  const protocol = parseAttributes(parts.get(tupleAttribute.protocol) ?? new Uint8Array());
  const address = (four: number, six: number): IpAddress | undefined => {
    const [short, long] = [ip.get(four), ip.get(six)];
    if (short?.length === 4) return { family: "ipv4", value: big(short) };
    return long?.length === 16 ? { family: "ipv6", value: big(long) } : undefined;
  };
  const source = address(ipAttribute.source4, ipAttribute.source6);
  const destination = address(ipAttribute.destination4, ipAttribute.destination6);
  if (!source || !destination || source.family !== destination.family) return undefined;
  const [sourcePort, destinationPort] = [
    number(protocol.get(protocolAttribute.sourcePort)),
    number(protocol.get(protocolAttribute.destinationPort)),
  ];
  return { tuple: { source, destination, sourcePort, destinationPort }, protocol: number(protocol.get(protocolAttribute.number)) };
}

/** One message of a list; undefined for bytes that are none. */
export function parseFlowReply({ data }: Reply): Flow | undefined {
  if (data.length < 4) return undefined; // struct nfgenmsg
  const attributes = parseAttributes(data.subarray(4));
  const [original, reply] = [parseTuple(attributes.get(cta.original)), parseTuple(attributes.get(cta.reply))];
  if (!original || !reply) return undefined;
  const bits = number(attributes.get(cta.status));
  return {
    protocol: protocolNames[original.protocol] ?? String(original.protocol),
    protocolNumber: original.protocol,
    original: original.tuple,
    reply: reply.tuple,
    state: original.protocol === 6 ? tcpState(attributes.get(cta.protocolInfo)) : "",
    timeoutSeconds: number(attributes.get(cta.timeout)),
    mark: number(attributes.get(cta.mark)),
    zone: number(attributes.get(cta.zone)),
    assured: (bits & status.assured) !== 0,
    unreplied: (bits & status.seenReply) === 0,
    id: number(attributes.get(cta.id)),
  };
}

/** CTA_PROTOINFO_TCP, CTA_PROTOINFO_TCP_STATE: both are 1. */
function tcpState(bytes: Uint8Array | undefined): string {
  const tcp = parseAttributes(parseAttributes(bytes ?? new Uint8Array()).get(1) ?? new Uint8Array());
  return tcpStates[number(tcp.get(1))] ?? "";
}

const body = (family: number): Uint8Array => Uint8Array.of(family, 0, 0, 0);

/** All connections of both families. Throws TsnsError denied without CAP_NET_ADMIN. */
export const readFlows = (place: NamespacePlace): readonly Flow[] => listFlows(place, []);

/** Those of one protocol in this namespace; kernels before 5.8 give all of them. */
export function readFlowsOf(protocol: number): readonly Flow[] {
  const number: Attribute = { type: protocolAttribute.number, value: Uint8Array.of(protocol) };
  return listFlows({ pid: 0 }, [
    { type: cta.original, value: [{ type: tupleAttribute.protocol, value: [number] }] },
    { type: cta.filter, value: [{ type: 1, value: u32(byProtocol) }] }, // CTA_FILTER_ORIG_FLAGS
  ]);
}

function listFlows(place: NamespacePlace, filter: readonly Attribute[]): readonly Flow[] {
  const list = (family: number) => ({
    message: renderMessage(message.get, 0, body(family), filter),
    dump: true,
    verb: "list",
    target: "connections",
  });
  const at = place.path === undefined ? {} : { namespacePath: place.path };
  const answers = tryExchanges([list(families.ipv4), list(families.ipv6)], { family: netlinkFamily.netfilter, ...at });
  const refused = answers.find(({ errno }) => errno !== undefined);
  if (!refused) return answers.flatMap(({ replies }) => replies.flatMap((reply) => parseFlowReply(reply) ?? []));
  return readFlowFile(place, refused.errno ?? "EIO");
}

function readFlowFile(place: NamespacePlace, errno: string): readonly Flow[] {
  const text = readNetFile(place, "nf_conntrack");
  if (text !== undefined) return parseFlows(text);
  if (errno === "EPERM" || errno === "EACCES")
    throw new TsnsError("denied", "conntrack-denied", "the tracked connections are not yours to see", {
      hint: "run as root (CAP_NET_ADMIN)",
    });
  throw new TsnsError("unsupported", "no-conntrack", "this kernel shows no tracked connections", {
    hint: "load its modules: modprobe nf_conntrack_netlink",
  });
}

/** Forgets a connection. One that is gone is no error. Throws KernelError. */
export const removeFlow = (tuple: FlowTuple): void => removeFlows([tuple]);

/** Forgets connections; those that are gone are no error. Throws KernelError. */
export function removeFlows(tuples: readonly FlowTuple[]): void {
  if (tuples.length === 0) return;
  const exchanges = tuples.map((tuple) => ({
    message: renderMessage(message.remove, 0, body(families[tuple.family]), tupleAttributes(tuple)),
    verb: "forget connection",
    target: `${tuple.source} -> ${tuple.destination}`,
  }));
  const answers = tryExchanges(exchanges, { family: netlinkFamily.netfilter });
  for (const [at, exchange] of exchanges.entries()) {
    const answer = answers[at];
    if (!answer) throw new KernelError(exchange.verb, "EIO", exchange.target);
    if (answer.errno !== undefined && answer.errno !== "ENOENT") throw refusal(answer, exchange);
  }
}

function tupleAttributes({ family, protocol, source, destination, sourcePort, destinationPort, zone }: FlowTuple): readonly Attribute[] {
  const short = (value: number) => Uint8Array.of(value >> 8, value & 255);
  const ip = family === "ipv4" ? [ipAttribute.source4, ipAttribute.destination4] : [ipAttribute.source6, ipAttribute.destination6];
  return [
    {
      type: cta.original,
      value: [
        {
          type: tupleAttribute.ip,
          value: [
            { type: ip[0] ?? 0, value: bytesOfAddress(source) },
            { type: ip[1] ?? 0, value: bytesOfAddress(destination) },
          ],
        },
        {
          type: tupleAttribute.protocol,
          value: [
            { type: protocolAttribute.number, value: Uint8Array.of(protocol) },
            { type: protocolAttribute.sourcePort, value: short(sourcePort) },
            { type: protocolAttribute.destinationPort, value: short(destinationPort) },
          ],
        },
      ],
    },
    ...(zone === undefined ? [] : [{ type: cta.zone, value: short(zone) }]),
  ];
}
