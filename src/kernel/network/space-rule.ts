// The packet filter of any network namespace as a trace needs it: the tables of both iptables back ends where they hold anything,
// and the names of nftables' own tables, which iptables does not show.
import { TsnsError } from "../../base/error.ts";
import { renderMessage } from "../../network/message.ts";
import { nameTable } from "../../network/name-relay.ts";
import { prepareTable, type RuleRef, type Table } from "../../network/trace/table.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { type Backend, type RuleSet, readRules } from "../iptables/index.ts";
import { parseAttributes, parseText } from "../netlink/decode.ts";
import { netlinkFamily, type Reply, tryExchangesIn } from "../netlink/relay.ts";
import { type NamespacePlace, readNetFile } from "./net-file.ts";

const getChain = (10 << 8) | 4; // NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN
const chainAttribute = { table: 1, name: 3, hook: 4, policy: 5, use: 6 } as const;
/** NFPROTO_*, linux/netfilter.h, of the families that see IP packets. */
const familyNames: Readonly<Record<number, string>> = { 1: "inet", 2: "ip", 5: "netdev", 7: "bridge", 10: "ip6" };
const iptablesTables: readonly string[] = ["raw", "mangle", "nat", "filter", "security"];
const iptablesChains: readonly string[] = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];

/** A chain of nftables that the kernel calls at a hook. */
export interface HookedChain {
  /** "ip", "ip6", "inet" ... */
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** False when it has no rules and lets everything pass. */
  readonly effective: boolean;
}

/** One message of an NFT_MSG_GETCHAIN list (big-endian numbers); undefined for a chain without hook, and for other bytes. */
export function parseHookedChain({ data }: Reply): HookedChain | undefined {
  const family = familyNames[data[0] ?? -1];
  if (data.length < 4 || family === undefined) return undefined;
  const attributes = parseAttributes(data.subarray(4));
  const [table, name] = [parseText(attributes.get(chainAttribute.table)), parseText(attributes.get(chainAttribute.name))];
  if (!table || !name || !attributes.has(chainAttribute.hook)) return undefined;
  const number = (bytes: Uint8Array | undefined) =>
    bytes?.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) : 0;
  const drops = attributes.has(chainAttribute.policy) && number(attributes.get(chainAttribute.policy)) === 0; // NF_DROP
  return { family, table, name, effective: drops || number(attributes.get(chainAttribute.use)) > 0 };
}

/** Undefined when they are not ours to see. A kernel without nftables has none. */
function readHookedChains({ path }: NamespacePlace): readonly HookedChain[] | undefined {
  const message = renderMessage(getChain, 0, new Uint8Array(4), []);
  const [answers] = tryExchangesIn([path ?? ""], [{ message, dump: true, verb: "list", target: "chains" }], {
    family: netlinkFamily.netfilter,
  });
  const answer = answers?.[0];
  if (!answer) return undefined;
  if (answer.errno === "EPERM" || answer.errno === "EACCES") return undefined;
  return answer.replies.flatMap((reply) => parseHookedChain(reply) ?? []);
}

const isIptables = ({ family, table, name }: HookedChain): boolean =>
  (family === "ip" || family === "ip6") && iptablesTables.includes(table) && iptablesChains.includes(name);

/** It changes ports of 127.0.0.11 and stops nothing. */
const isOfNames = ({ family, table }: HookedChain): boolean => family === "ip" && table === nameTable;

/** Whether the legacy back end has tables in a family; false where that cannot be read. */
function hasLegacy(place: NamespacePlace, family: IpFamily): boolean {
  const text = readNetFile(place, family === "ipv4" ? "ip_tables_names" : "ip6_tables_names");
  return text !== undefined && text.trim() !== "";
}

export interface RuleSource {
  tables(family: IpFamily): readonly Table[] | undefined;
  readonly foreignTables: readonly string[];
  /** The namespace has the table that leads questions for names to the relay in the container's monitor. */
  readonly relaysNames: boolean;
}

/** Read at first use. */
export function openRules(place: NamespacePlace): RuleSource {
  let chains: { readonly list: readonly HookedChain[] | undefined } | undefined;
  const hooked = () => {
    chains ??= { list: readHookedChains(place) };
    return chains.list;
  };
  const known = new Map<IpFamily, readonly Table[] | undefined>();
  return {
    tables(family) {
      if (!known.has(family)) known.set(family, readTables(place, family, hooked()));
      return known.get(family);
    },
    get foreignTables() {
      const strange = (hooked() ?? []).filter((chain) => chain.effective && !isIptables(chain) && !isOfNames(chain));
      return [...new Set(strange.map(({ family, table }) => `table ${family} ${table}`))];
    },
    get relaysNames() {
      return (hooked() ?? []).some(isOfNames);
    },
  };
}

function readTables(place: NamespacePlace, family: IpFamily, chains: readonly HookedChain[] | undefined): readonly Table[] | undefined {
  const sets = readRuleSets(place, family, chains);
  return sets?.flatMap(({ backend, set }) => set.tables.map((table) => prepareTable(table, family, backend)));
}

/** What a back end holds. `backend` is empty where it is the only one. */
interface BackendSet {
  readonly backend: string;
  readonly set: RuleSet;
}

function readRuleSets(
  place: NamespacePlace,
  family: IpFamily,
  chains: readonly HookedChain[] | undefined,
): readonly BackendSet[] | undefined {
  if (!chains) return undefined;
  const own = family === "ipv4" ? "ip" : "ip6";
  const backends: Backend[] = [];
  if (chains.some((chain) => chain.family === own && isIptables(chain))) backends.push("nft");
  if (hasLegacy(place, family)) backends.push("legacy");
  const at = place.path === undefined ? {} : { namespacePath: place.path };
  try {
    const sets = backends
      .map((backend) => ({ backend, set: readRules(family, { backend, ...at }) }))
      .filter(({ set }) => holdsAnything(set));
    return sets.map(({ backend, set }) => ({ backend: sets.length > 1 ? backend : "", set }));
  } catch (error) {
    // What the user can mend by one command is told instead of a verdict that nobody can give.
    if (error instanceof TsnsError && error.code === "iptables-missing") throw error;
    if (error instanceof TsnsError && (error.kind === "denied" || error.kind === "unsupported")) return undefined;
    throw error;
  }
}

/** Tables stay when their last rule goes. */
function holdsAnything({ tables }: RuleSet): boolean {
  return tables.some(({ chains, rules }) => rules.length > 0 || chains.some(({ policy }) => policy === "DROP"));
}

/** How many packets a rule, or a built-in chain's policy, has counted. */
export interface RuleCount {
  readonly rule: RuleRef;
  readonly packets: bigint;
}

/** All counters of a namespace in a family; none where they cannot be read. */
export function readCounts(place: NamespacePlace, family: IpFamily): readonly RuleCount[] {
  return (readRuleSets(place, family, readHookedChains(place)) ?? []).flatMap(({ backend, set }) =>
    set.tables.flatMap(({ table, chains, rules }) => {
      const numbers = new Map<string, number>();
      const policies = chains.flatMap(({ name, policy, counter }): RuleCount[] =>
        policy === undefined ? [] : [{ rule: { family, backend, table, chain: name, number: 0, args: [] }, packets: counter.packets }],
      );
      const counted = rules.map(({ rule: { chain, args }, counter }): RuleCount => {
        const number = (numbers.get(chain) ?? 0) + 1;
        numbers.set(chain, number);
        return { rule: { family, backend, table, chain, number, args }, packets: counter.packets };
      });
      return [...policies, ...counted];
    }),
  );
}
