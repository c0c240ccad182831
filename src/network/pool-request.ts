// The address flags of `network create` put together: which gateway, range and reserved addresses belong to which subnet, in docker's
// words where something does not fit. Knows nothing of what the host has.
import { TsnsError } from "../base/error.ts";
import {
  type IpAddress,
  type IpSubnet,
  ipContains,
  ipCovers,
  ipOverlaps,
  parseIp,
  parseIpSubnet,
  renderIp,
  renderIpSubnet,
  usableRange,
} from "./ip.ts";
import type { NetworkPool } from "./spec.ts";

/** The flags as they were given. */
export interface PoolFlags {
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly ipRanges: readonly string[];
  /** What for, and the address. */
  readonly reserved: Readonly<Record<string, string>>;
}

export interface PoolRequest {
  /** Pools in the order of their subnets, all texts in their one spelling. */
  readonly pools: readonly NetworkPool[];
  readonly faults: readonly TsnsError[];
}

const bad = (code: string, message: string, hint?: string): TsnsError =>
  new TsnsError("invalid", code, message, hint === undefined ? {} : { hint });

interface Draft {
  readonly subnet: IpSubnet;
  readonly text: string;
  gateway?: string;
  ipRange?: string;
  readonly reserved: Record<string, string>;
}

/** Pools from flags; with faults what of them is right. */
export function assemblePools({ subnets, gateways, ipRanges, reserved }: PoolFlags): PoolRequest {
  const faults: TsnsError[] = [];
  const drafts: Draft[] = [];
  for (const text of subnets) {
    const fault = subnetFault(text, drafts);
    if (fault) faults.push(fault);
    const subnet = parseIpSubnet(text);
    if (subnet) drafts.push({ subnet, text: renderIpSubnet(subnet), reserved: {} });
  }
  if (gateways.length > subnets.length || ipRanges.length > subnets.length) {
    const count = gateways.length > subnets.length ? "--gateway" : "--ip-range";
    faults.push(bad("no-subnet", "every ip-range or gateway must have a corresponding subnet", `give a --subnet for each ${count}`));
    return { pools: [], faults };
  }
  for (const text of ipRanges) faults.push(...takeRange(drafts, text));
  for (const text of gateways) faults.push(...takeGateway(drafts, text));
  for (const [purpose, text] of Object.entries(reserved)) faults.push(...takeReserved(drafts, purpose, text));
  return { pools: drafts.map(poolOfDraft), faults };
}

const poolOfDraft = ({ text, gateway, ipRange, reserved }: Draft): NetworkPool => ({
  subnet: text,
  ...(gateway === undefined ? {} : { gateway }),
  ...(ipRange === undefined ? {} : { ipRange }),
  ...(Object.keys(reserved).length > 0 ? { reserved } : {}),
});

/** Least and most prefix length: one that leaves no address beside the gateway's is useless, a shorter one is most of the Internet. */
const prefixBounds = { ipv4: { least: 8, most: 30 }, ipv6: { least: 8, most: 126 } } as const;

function subnetFault(text: string, drafts: readonly Draft[]): TsnsError | undefined {
  const subnet = parseIpSubnet(text);
  if (!subnet) return bad("bad-subnet", `invalid CIDR address: ${text}`, "write it like 10.1.2.0/24 or fd00:1::/64");
  const address = parseIp(text.slice(0, text.indexOf("/")));
  if (address?.value !== subnet.base)
    return bad("bad-subnet", `invalid subnet ${text}: host bits are set`, `it should be ${renderIpSubnet(subnet)}`);
  const { least, most } = prefixBounds[subnet.family];
  if (subnet.prefixLength < least || subnet.prefixLength > most)
    return bad("bad-subnet", `invalid subnet ${text}: it has no room for a network`, `give a prefix length from ${least} to ${most}`);
  if (isUnusable(subnet)) return bad("bad-subnet", `invalid subnet ${text}: no host can have these addresses`, "give a private range");
  const twin = drafts.find((draft) => ipOverlaps(draft.subnet, subnet));
  if (!twin) return undefined;
  return bad("overlapping-subnets", "multiple overlapping subnet configuration is not supported", `${text} and ${twin.text} overlap`);
}

/** Loopback, groups, and those of one link (the kernel gives them to every IPv6 link by itself). */
const unusable: readonly IpSubnet[] = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/8", "fe80::/10", "ff00::/8"].flatMap(
  (text) => parseIpSubnet(text) ?? [],
);

const isUnusable = (subnet: IpSubnet): boolean => unusable.some((other) => ipOverlaps(other, subnet));

function takeRange(drafts: readonly Draft[], text: string): TsnsError[] {
  const range = parseIpSubnet(text);
  if (!range) return [bad("bad-ip-range", `invalid CIDR address: ${text}`, "write it like 10.1.2.128/25")];
  const draft = drafts.find(({ subnet }) => ipCovers(subnet, range));
  if (!draft) return [bad("bad-ip-range", `no matching subnet for range ${text}`, wherePlaces(drafts))];
  if (draft.ipRange !== undefined) {
    return [bad("bad-ip-range", `cannot configure multiple ranges (${text}, ${draft.ipRange}) on the same subnet (${draft.text})`)];
  }
  draft.ipRange = renderIpSubnet(range);
  return [];
}

function takeGateway(drafts: readonly Draft[], text: string): TsnsError[] {
  const ip = parseIp(text);
  const draft = ip && drafts.find(({ subnet }) => ipContains(subnet, ip));
  if (!ip || !draft) return [bad("bad-gateway", `no matching subnet for gateway ${text}`, ip ? wherePlaces(drafts) : "give an address")];
  if (draft.gateway !== undefined) {
    return [bad("bad-gateway", `cannot configure multiple gateways (${text}, ${draft.gateway}) for the same subnet (${draft.text})`)];
  }
  if (isEnd(draft.subnet, ip)) {
    return [bad("bad-gateway", `invalid gateway ${text}: it is the first or last address of its subnet`, "give one in between")];
  }
  draft.gateway = renderIp(ip);
  return [];
}

function takeReserved(drafts: readonly Draft[], purpose: string, text: string): TsnsError[] {
  const ip = parseIp(text);
  const draft = ip && drafts.find(({ subnet }) => ipContains(subnet, ip));
  const flag = `--aux-address ${purpose}=${text}`;
  if (!ip || !draft)
    return [bad("bad-aux-address", `no matching subnet for aux-address ${text}`, ip ? wherePlaces(drafts) : `${flag}: write NAME=ADDRESS`)];
  const address = renderIp(ip);
  const holder = draft.gateway === address ? "the gateway" : Object.entries(draft.reserved).find(([, value]) => value === address)?.[0];
  if (holder !== undefined) {
    return [
      bad("bad-aux-address", `failed to allocate secondary ip address (${purpose}:${text}): Address already in use`, `${holder} has it`),
    ];
  }
  draft.reserved[purpose] = address;
  return [];
}

/** The network's own and broadcast address, the subnet-router anycast address. */
function isEnd(subnet: IpSubnet, { value }: IpAddress): boolean {
  const { first, last } = usableRange(subnet);
  return value < first || value > last;
}

const wherePlaces = (drafts: readonly Draft[]): string =>
  drafts.length > 0 ? `it must lie in ${drafts.map(({ text }) => text).join(" or ")}` : "give --subnet too";
