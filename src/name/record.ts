// Records between text and bytes, by the dns-packet library: what this server answers is encoded once, what passes is told in words.
// Knows nothing of who asks.
import { type Answer, decode, encode, type RecordType } from "dns-packet";
import { headerBytes } from "./wire.ts";

/** How long somebody else may keep what this server said. Names move with containers. */
export const ttlSeconds = 5;

export const typeNumber = { a: 1, ptr: 12, aaaa: 28, any: 255, ixfr: 251, axfr: 252 } as const;

/** Types by name that can be asked for by hand. */
const namedTypes: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  DS: 43,
  SSHFP: 44,
  DNSKEY: 48,
  TLSA: 52,
  CAA: 257,
};

const others: Readonly<Record<number, string>> = {
  41: "OPT",
  46: "RRSIG",
  47: "NSEC",
  64: "SVCB",
  65: "HTTPS",
  251: "IXFR",
  252: "AXFR",
  255: "ANY",
};
const typeNames = new Map([...Object.entries(namedTypes).map(([name, number]) => [number, name] as const)]);

/** RFC 3597 for types without a name here. */
export const typeName = (number: number): string => typeNames.get(number) ?? others[number] ?? `TYPE${number}`;

/** The names of types that can be asked for by hand. */
export const askableTypes: readonly string[] = Object.keys(namedTypes);

const rcodeNames = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
export const rcodeName = (code: number): string => rcodeNames[code] ?? `RCODE${code}`;

/** RFC 1035 section 3.1: a pointer to the name of the question, which stands right behind the header. */
const questionName = Buffer.of(0xc0, headerBytes);

/** A record of the name that was asked for. */
export function encodeRecord(type: "A" | "AAAA" | "PTR", data: string): Buffer {
  const message = encode({ type: "response", answers: [{ type, name: ".", ttl: ttlSeconds, data }] });
  return Buffer.concat([questionName, message.subarray(headerBytes + 1)]);
}

/** A query with EDNS, as a resolver in a container would send it. `name` must be one (isDomainName). */
export function encodeQuery(name: string, type: string, id: number): Buffer {
  return encode({
    type: "query",
    id,
    flags: 0x0100,
    questions: [{ type: type as RecordType, name: name === "" ? "." : name }],
    additionals: [
      { type: "OPT", name: ".", udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
    ],
  });
}

/** A name that a query can carry: labels of 1 to 63 bytes, 253 in all. The last dot may be there. */
export function isDomainName(text: string): boolean {
  const name = text.replace(/\.$/, "");
  if (name === "") return text === ".";
  return Buffer.byteLength(name) <= 253 && name.split(".").every((label) => label !== "" && Buffer.byteLength(label) <= 63);
}

/** The answers of a message, each in a few words: `A 10.1.2.3`. Undefined: it cannot be read. */
export function describeAnswers(message: Buffer): readonly string[] | undefined {
  try {
    return (decode(message).answers ?? []).map(describe);
  } catch {
    return undefined;
  }
}

function describe(answer: Answer): string {
  if (answer.type === "OPT") return "OPT";
  const { type, data } = answer;
  if (type === "MX") return `MX ${data.preference ?? 0} ${data.exchange}`;
  if (type === "SRV") return `SRV ${data.priority ?? 0} ${data.weight ?? 0} ${data.port} ${data.target}`;
  if (type === "SOA") return `SOA ${data.mname} ${data.rname} ${data.serial ?? 0}`;
  if (type === "TXT")
    return `TXT ${[data]
      .flat()
      .map((part) => JSON.stringify(part.toString()))
      .join(" ")}`;
  if (typeof data === "string") return `${type} ${data}`;
  return `${type}`;
}
