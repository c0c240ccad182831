// The rows of networks: ours and the bridges of others, below each who is on it. Pure.
import type { LinkTraffics } from "../../../src/engine/live/link-rate.ts";
import type { LiveMember, LiveNetwork } from "../../../src/engine/live/network.ts";
import { passesFilter, sortRows } from "../../model/list.ts";
import type { BranchRow, BranchState } from "../branch.ts";

/** What passes, as containers see it, per second; undefined where it is not counted or not known yet. */
export interface Passing {
  readonly inBytes: number;
  readonly outBytes: number;
  readonly inPackets: number;
  readonly outPackets: number;
}

export interface NetworkNameRow extends BranchRow {
  readonly kind: "network";
  readonly network: LiveNetwork;
  readonly isOpen: boolean;
  readonly passing: Passing | undefined;
  /** Since the links were made. */
  readonly dropped: number;
  readonly errors: number;
}

export interface MemberRow extends BranchRow {
  readonly kind: "member";
  readonly network: LiveNetwork;
  readonly member: LiveMember;
  readonly isLast: boolean;
  readonly passing: Passing | undefined;
  readonly dropped: number;
  readonly errors: number;
}

export type NetworkRow = NetworkNameRow | MemberRow;

/** Whose bridge it is, where it is not ours: "docker", or "nobody". */
export const foreignOf = ({ engine }: LiveNetwork): string | undefined =>
  engine === "tsns" ? undefined : engine === "none" ? "nobody" : engine;

/** "docker:web" for what is not ours. */
export const nameOfNetwork = (network: LiveNetwork): string =>
  network.id !== "" || network.engine === "none" || network.name === network.link ? network.name : `${network.engine}:${network.name}`;

export const keyOfNetwork = ({ id, link }: LiveNetwork): string => id || `bridge ${link}`;

/** In words: what is unusual about it. */
export function traitsOf({ internal, ipv6, ipv4, traits, present, link, isUp, engine }: LiveNetwork): readonly string[] {
  return [
    ...(engine === "tsns" ? [] : [engine === "none" ? "made by hand" : engine]),
    ...(internal && !traits.includes("internal") ? ["internal"] : []),
    ...traits,
    ...(ipv6 ? [ipv4 ? "IPv6 too" : "IPv6 only"] : []),
    ...(link !== "" && !present ? ["not in the kernel now"] : link !== "" && !isUp ? ["down"] : []),
  ];
}

/** What the host's end receives, the container has sent. */
function passingOf(links: LinkTraffics | undefined, names: readonly string[]): Passing | undefined {
  const rates = names.flatMap((name) => links?.get(name)?.rate ?? []);
  if (rates.length === 0) return undefined;
  const sum = (value: (rate: (typeof rates)[number]) => number) => rates.reduce((total, rate) => total + value(rate), 0);
  return {
    inBytes: sum((rate) => rate.sentBytes),
    outBytes: sum((rate) => rate.receivedBytes),
    inPackets: sum((rate) => rate.sentPackets),
    outPackets: sum((rate) => rate.receivedPackets),
  };
}

function lossOf(links: LinkTraffics | undefined, names: readonly string[]): { readonly dropped: number; readonly errors: number } {
  const found = names.flatMap((name) => links?.get(name) ?? []);
  return {
    dropped: found.reduce((sum, { dropped }) => sum + dropped, 0),
    errors: found.reduce((sum, { errors }) => sum + errors, 0),
  };
}

const hostLinksOf = ({ members }: LiveNetwork): readonly string[] => members.map(({ hostLink }) => hostLink).filter((name) => name !== "");

/** Links that are counted for these networks: bridges and the host's ends. */
export const linksOf = (networks: readonly LiveNetwork[]): readonly string[] => [
  ...new Set(
    networks.flatMap((network) => [...(network.driver === "bridge" && network.present ? [network.link] : []), ...hostLinksOf(network)]),
  ),
];

export const publishedOf = ({ members }: LiveNetwork): readonly string[] => members.flatMap(({ ports }) => ports);

const rateOf = ({ passing }: NetworkNameRow): number => (passing ? passing.inBytes + passing.outBytes : -1);

/** What rows are sorted by. Others' bridges stay behind ours. */
export const networkOrders: Readonly<Record<string, (row: NetworkNameRow) => string | number>> = {
  name: ({ network }) => network.name,
  driver: ({ network }) => network.driver,
  subnet: ({ network }) => network.subnets.join(" ") || network.gateways.join(" ") || "~",
  containers: ({ network }) => network.members.length,
  ports: ({ network }) => publishedOf(network).length,
  traffic: rateOf,
  dropped: ({ dropped, errors }) => dropped + errors,
};

export const descendingNetworkOrders: ReadonlySet<string> = new Set(["containers", "ports", "traffic", "dropped"]);

const wordsOf = ({ network }: NetworkNameRow): string =>
  [
    nameOfNetwork(network),
    network.id,
    network.driver,
    network.link,
    ...network.subnets,
    ...network.gateways,
    ...traitsOf(network),
    ...network.members.flatMap(({ name, addresses, ports }) => [name, ...addresses, ...ports]),
  ].join(" ");

/** What has been fed of them. */
export interface NetworkFacts {
  readonly networks: readonly LiveNetwork[] | undefined;
  readonly links: LinkTraffics | undefined;
}

function membersOf({ key: parent, network }: NetworkNameRow, links: LinkTraffics | undefined): readonly MemberRow[] {
  return network.members.map((member, at) => ({
    kind: "member",
    key: `${parent} ${member.id || member.hostLink}`,
    parent,
    network,
    member,
    isLast: at === network.members.length - 1,
    passing: passingOf(links, [member.hostLink]),
    ...lossOf(links, [member.hostLink]),
  }));
}

export function networkRows({ list, open }: BranchState, { networks = [], links }: NetworkFacts): readonly NetworkRow[] {
  const rows = networks.map((network): NetworkNameRow => {
    const key = keyOfNetwork(network);
    const ends = hostLinksOf(network);
    return {
      kind: "network",
      key,
      network,
      isOpen: open.has(key),
      passing: passingOf(links, ends),
      ...lossOf(links, [...ends, ...(network.driver === "bridge" ? [network.link] : [])]),
    };
  });
  const order = networkOrders[list.sorted.column] ?? (({ key }: NetworkNameRow) => key);
  const sorted = sortRows(
    rows.filter((row) => passesFilter(list.filter, wordsOf(row))),
    order,
    ({ key }) => key,
    list.sorted.descending,
  );
  const [ours, others] = [sorted.filter(({ network }) => !foreignOf(network)), sorted.filter(({ network }) => foreignOf(network))];
  return [...ours, ...others].flatMap((row): readonly NetworkRow[] => (row.isOpen ? [row, ...membersOf(row, links)] : [row]));
}
