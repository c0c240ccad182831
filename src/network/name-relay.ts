// How queries of a container's processes reach the relay in its monitor: the address they ask, the port behind it, and the nf_tables messages
// that lead from one to the other (linux/netfilter/nf_tables.h, nfnetlink.h). Pure; who answers is not known here.
import { type Attribute, flag, join, renderMessage, text } from "./message.ts";

/** What /etc/resolv.conf says, as docker has it: on the loopback link of the container, so that nobody outside can ask. */
export const nameServerAddress = "127.0.0.11";

/**
 * Where the relay listens: outside of the ports that the kernel gives to clients (ip_local_port_range), and not 53, which a name server in
 * the container may want on all addresses.
 */
export const relayPort = 61053;

const dnsPort = 53;
/** In the family ip, in the network namespace of a container. */
export const nameTable = "tsns-names";
const protocols = [
  { number: 17, checksumAt: 6 },
  { number: 6, checksumAt: 16 },
] as const;

const familyIpv4 = 2; // NFPROTO_IPV4
const subsystem = 10; // NFNL_SUBSYS_NFTABLES
const type = { begin: 0x10, end: 0x11, newTable: subsystem << 8, newChain: (subsystem << 8) | 3, newRule: (subsystem << 8) | 6 } as const;
const appendFlag = 0x800; // NLM_F_APPEND
const ownerFlag = 0x2; // NFT_TABLE_F_OWNER, since Linux 5.12
const hook = { input: 1, output: 3 } as const; // NF_INET_LOCAL_IN, NF_INET_LOCAL_OUT
const register = 1; // NFT_REG_1
const base = { network: 1, transport: 2 } as const; // NFT_PAYLOAD_*_HEADER
const l4Protocol = 16; // NFT_META_L4PROTO
const internetChecksum = 1; // NFT_PAYLOAD_CSUM_INET

/**
 * The table of a container's network namespace, as a batch. What comes for 127.0.0.11 port 53 goes to the relay, behind every rule of the
 * container's; what the relay answers comes from port 53, before every rule and before connections are tracked: all of them see port 53.
 * `owned`: the table belongs to the socket that sends this, and goes with it; nobody else can change or flush it.
 */
export function nameRules(owned: boolean): Uint8Array {
  const [queries, answers] = ["queries", "answers"];
  return join([
    message(type.begin, 0, 0, [], subsystem),
    message(type.newTable, flag.create, familyIpv4, [named(1, nameTable), { type: 2, value: be32(owned ? ownerFlag : 0) }]),
    chain(queries, hook.input, 200),
    chain(answers, hook.output, -300),
    ...protocols.map((protocol) => rule(queries, protocol, { addressAt: 16, portAt: 2, from: dnsPort, to: relayPort })),
    ...protocols.map((protocol) => rule(answers, protocol, { addressAt: 12, portAt: 0, from: relayPort, to: dnsPort })),
    message(type.end, 0, 0, [], subsystem),
  ]);
}

const be16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value);
const be32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const named = (attribute: number, name: string): Attribute => ({ type: attribute, value: text(name) });
const word = (attribute: number, value: number): Attribute => ({ type: attribute, value: be32(value) });

/** struct nfgenmsg: family, version 0, resource in network order. */
function message(kind: number, flags: number, family: number, attributes: readonly Attribute[], resource = 0): Uint8Array {
  return renderMessage(kind, flags, join([Uint8Array.of(family, 0), be16(resource)]), attributes);
}

function chain(name: string, number: number, priority: number): Uint8Array {
  return message(type.newChain, flag.create, familyIpv4, [
    named(1, nameTable),
    named(3, name),
    { type: 4, value: [word(1, number), word(2, priority)] },
    named(7, "filter"),
  ]);
}

/** Which port becomes which, at their places in the headers. */
interface Translation {
  readonly addressAt: number;
  readonly portAt: number;
  readonly from: number;
  readonly to: number;
}

function rule(chainName: string, protocol: (typeof protocols)[number], { addressAt, portAt, from, to }: Translation): Uint8Array {
  const address = Uint8Array.from(nameServerAddress.split("."), Number);
  const port = [word(2, base.transport), word(3, portAt), word(4, 2)];
  const expressions = [
    expression("payload", [word(1, register), word(2, base.network), word(3, addressAt), word(4, 4)]),
    equals(address),
    expression("meta", [word(1, register), word(2, l4Protocol)]),
    equals(Uint8Array.of(protocol.number)),
    expression("payload", [word(1, register), ...port]),
    equals(be16(from)),
    expression("immediate", [word(1, register), { type: 2, value: [{ type: 1, value: be16(to) }] }]),
    expression("payload", [word(5, register), ...port, word(6, internetChecksum), word(7, protocol.checksumAt)]),
  ];
  return message(type.newRule, flag.create | appendFlag, familyIpv4, [
    named(1, nameTable),
    named(2, chainName),
    { type: 4, value: expressions },
  ]);
}

const expression = (name: string, data: readonly Attribute[]): Attribute => ({
  type: 1,
  value: [named(1, name), { type: 2, value: data }],
});

const equals = (value: Uint8Array): Attribute =>
  expression("cmp", [word(1, register), word(2, 0), { type: 3, value: [{ type: 1, value }] }]);
