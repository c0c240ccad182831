// Sets of IP addresses: where a packet may come from when its sender is "the internet" rather than one address. Three-valued
// questions about them. Knows no rules and no routes.
import type { IpFamily } from "../../plan/rule.ts";
import { type AddressBlock, type AddressRange, type IpAddress, parseBlock, parseIp, renderIp } from "../rule/address.ts";

/** Whether something holds: "maybe" where it holds for some packets of the set, or cannot be known from here. */
export type Answer = "yes" | "no" | "maybe";

export interface AddressSet {
  readonly family: IpFamily;
  /** Disjoint, ascending, both ends included. */
  readonly ranges: readonly (readonly [from: bigint, to: bigint])[];
  /** For people: the address, or a word such as "internet". */
  readonly label: string;
  /** One of them, for questions that need a single address. */
  readonly sample: IpAddress;
}

export function setOfAddress(ip: IpAddress): AddressSet {
  return { family: ip.family, ranges: [[ip.value, ip.value]], label: renderIp(ip), sample: ip };
}

/** The one address of a set, undefined when there are more. */
export function onlyAddress(set: AddressSet): IpAddress | undefined {
  const [range] = set.ranges;
  return set.ranges.length === 1 && range && range[0] === range[1] ? { family: set.family, value: range[0] } : undefined;
}

const lastOf: Readonly<Record<IpFamily, bigint>> = { ipv4: (1n << 32n) - 1n, ipv6: (1n << 128n) - 1n };

/** First and last address of a block; undefined when its mask has gaps. */
function rangeOfBlock(block: AddressBlock): readonly [bigint, bigint] | undefined {
  if (block.prefixLength === undefined) return undefined;
  return [block.base, block.base | (lastOf[block.family] ^ block.mask)];
}

/** The addresses of blocks such as "10.0.0.0/8". `without`: taken away again. The sample is the second address of the first range. */
export function setOfBlocks(family: IpFamily, label: string, blocks: readonly string[], without: readonly string[] = []): AddressSet {
  const rangesOf = (texts: readonly string[]) =>
    texts
      .flatMap((text) => {
        const block = parseBlock(text);
        const range = block && rangeOfBlock(block);
        return range ? [range] : [];
      })
      .sort((one, other) => (one[0] < other[0] ? -1 : 1));
  const ranges = rangesOf(blocks).flatMap((range) => subtract(range, rangesOf(without)));
  const first = ranges[0] ?? [0n, 0n];
  return { family, ranges, label, sample: { family, value: first[0] < first[1] ? first[0] + 1n : first[0] } };
}

function subtract(range: readonly [bigint, bigint], holes: readonly (readonly [bigint, bigint])[]): (readonly [bigint, bigint])[] {
  const rest: (readonly [bigint, bigint])[] = [];
  let [from] = range;
  const [, to] = range;
  for (const [first, last] of holes) {
    if (last < from || first > to) continue;
    if (first > from) rest.push([from, first - 1n]);
    from = last + 1n;
  }
  if (from <= to) rest.push([from, to]);
  return rest;
}

/** What no router of the internet forwards, RFC 6890. */
const special = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
] as const;

/** Every public address. `own`: blocks of this host's own networks. */
export function internet(family: IpFamily, own: readonly string[] = []): AddressSet {
  const set =
    family === "ipv4"
      ? setOfBlocks("ipv4", "internet", ["0.0.0.0/0"], [...special, ...own].sort())
      : setOfBlocks("ipv6", "internet", ["2000::/3"], own);
  const sample = parseIp(family === "ipv4" ? "198.51.100.77" : "2001:db8:77::77");
  return sample ? { ...set, sample } : set;
}

/** True for an address that lies in what no router of the internet forwards. */
export function isSpecial(ip: IpAddress): boolean {
  if (ip.family === "ipv6") return ip.value >> 125n !== 1n;
  return special.some((text) => {
    const range = rangeOfBlock(parseBlock(text) as AddressBlock);
    return range !== undefined && ip.value >= range[0] && ip.value <= range[1];
  });
}

function compareRange(set: AddressSet, from: bigint, to: bigint): Answer {
  let inside = 0;
  let touched = false;
  for (const [first, last] of set.ranges) {
    if (first >= from && last <= to) inside += 1;
    if (first <= to && last >= from) touched = true;
  }
  if (!touched) return "no";
  return inside === set.ranges.length ? "yes" : "maybe";
}

/** Whether the addresses of the set lie in the block. */
export function isInBlock(set: AddressSet, block: AddressBlock): Answer {
  if (block.family !== set.family) return "no";
  const range = rangeOfBlock(block);
  if (range) return compareRange(set, range[0], range[1]);
  const ip = onlyAddress(set);
  if (!ip) return "maybe";
  return (ip.value & block.mask) === block.base ? "yes" : "no";
}

export function isInRange(set: AddressSet, { from, to }: AddressRange): Answer {
  return from.family === set.family ? compareRange(set, from.value, to.value) : "no";
}

const loopback: Readonly<Record<IpFamily, AddressBlock>> = {
  ipv4: parseBlock("127.0.0.0/8") as AddressBlock,
  ipv6: parseBlock("::1") as AddressBlock,
};

export const isLoopback = (set: AddressSet): boolean => isInBlock(set, loopback[set.family]) === "yes";

export const negate = (answer: Answer): Answer => (answer === "yes" ? "no" : answer === "no" ? "yes" : "maybe");

/** All of them have to hold. */
export function all(answers: Iterable<Answer>): Answer {
  let result: Answer = "yes";
  for (const answer of answers) {
    if (answer === "no") return "no";
    if (answer === "maybe") result = "maybe";
  }
  return result;
}

/** One of them has to hold. */
export function some(answers: Iterable<Answer>): Answer {
  let result: Answer = "no";
  for (const answer of answers) {
    if (answer === "yes") return "yes";
    if (answer === "maybe") result = "maybe";
  }
  return result;
}
