// One table of the packet filter, walked as the kernel does: chains, jumps, returns, policy. Where a condition is not known both
// ways are walked; only where they lead to different ends is the result in doubt. Knows no hooks and no routes.
import type { IpFamily, Rule, TableName } from "../../plan/rule.ts";
import { parseMatch, type RuleMatch } from "../rule/match.ts";
import type { MarkChange, RuleTarget } from "../rule/target.ts";
import { all } from "./address-set.ts";
import { holds, type MatchFacts, type Packet } from "./packet.ts";

/** A table as the iptables wrapper reads it, src/kernel/iptables. */
export interface TableInput {
  readonly table: TableName;
  readonly chains: readonly { readonly name: string; readonly policy?: string }[];
  readonly rules: readonly { readonly rule: Rule }[];
}

interface PreparedRule {
  readonly rule: Rule;
  /** From 1, as `iptables -L --line-numbers` counts. */
  readonly number: number;
  match?: RuleMatch;
}

/** A table with its rules by chain; conditions are parsed when they are first asked for. */
export interface Table {
  readonly family: IpFamily;
  /** Of a host with rules in both back ends: whose they are. */
  readonly backend: string;
  readonly name: TableName;
  readonly policies: ReadonlyMap<string, string | undefined>;
  readonly chains: ReadonlyMap<string, readonly PreparedRule[]>;
  readonly names: ReadonlySet<string>;
}

export function prepareTable(input: TableInput, family: IpFamily, backend: string): Table {
  const policies = new Map(input.chains.map((chain) => [chain.name, chain.policy]));
  const chains = new Map<string, PreparedRule[]>(input.chains.map(({ name }) => [name, []]));
  for (const { rule } of input.rules) {
    const list = chains.get(rule.chain);
    list?.push({ rule, number: list.length + 1 });
  }
  return { family, backend, name: input.table, policies, chains, names: new Set(policies.keys()) };
}

/** The rule, or the policy of a chain, that something is due to. */
export interface RuleRef {
  readonly family: IpFamily;
  readonly backend: string;
  readonly table: TableName;
  readonly chain: string;
  /** 0: the chain's policy, or its end. */
  readonly number: number;
  /** Arguments as iptables-save writes them; empty for a policy. */
  readonly args: readonly string[];
}

export type Effect =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  | { readonly kind: "reject"; readonly answer: string }
  | { readonly kind: "translate"; readonly target: Extract<RuleTarget, { kind: "dnat" | "snat" | "masquerade" | "redirect" }> }
  /** A target that ends in a way that is not modelled. */
  | { readonly kind: "unknown"; readonly target: string };

/** One possible end of a walk. `doubt`: it happens only if that rule matches, or does not. */
export interface End {
  readonly effect: Effect;
  readonly packet: Packet;
  readonly by: RuleRef;
  readonly doubt?: RuleRef | undefined;
}

export interface Walk {
  readonly ends: readonly End[];
  /** Rules that matched or may have, in order. */
  readonly matched: readonly { readonly rule: RuleRef; readonly sure: boolean }[];
  /** How many were looked at. */
  readonly looked: number;
}

interface Branch {
  readonly packet: Packet;
  readonly doubt?: RuleRef | undefined;
}

interface Walker {
  readonly table: Table;
  readonly facts: MatchFacts;
  readonly ends: End[];
  readonly matched: { rule: RuleRef; sure: boolean }[];
  looked: number;
}

/** Walks a built-in chain. A table without that chain lets everything pass. */
export function walkTable(table: Table, chain: string, packet: Packet, facts: MatchFacts): Walk | undefined {
  if (!table.chains.has(chain)) return undefined;
  const walker: Walker = { table, facts, ends: [], matched: [], looked: 0 };
  const { live, returned } = walkChain(walker, chain, [{ packet }], 0);
  const policy = table.policies.get(chain) ?? "ACCEPT";
  const by: RuleRef = { family: table.family, backend: table.backend, table: table.name, chain, number: 0, args: [] };
  for (const branch of merge([...live, ...returned])) {
    walker.ends.push({ effect: { kind: policy === "DROP" ? "drop" : "pass" }, packet: branch.packet, by, doubt: branch.doubt });
  }
  return { ends: walker.ends, matched: walker.matched, looked: walker.looked };
}

/** Branches in which every rule from now on behaves the same are one. */
function merge(branches: readonly Branch[]): Branch[] {
  const kept = new Map<string, Branch>();
  for (const branch of branches) {
    const { mark, connectionMark, state } = branch.packet;
    const key = `${mark} ${connectionMark} ${state}`;
    const known = kept.get(key);
    if (!known || (known.doubt && !branch.doubt)) kept.set(key, branch);
  }
  return [...kept.values()];
}

/** The kernel refuses loops of chains; a recording that was edited could have one. */
const deepest = 128;
/** More than any rule set needs: unknown conditions on jumps of such a loop would multiply. */
const most = 1_000_000;

function walkChain(walker: Walker, chain: string, start: readonly Branch[], depth: number): { live: Branch[]; returned: Branch[] } {
  let live = [...start];
  const returned: Branch[] = [];
  for (const prepared of walker.table.chains.get(chain) ?? []) {
    if (live.length === 0) break;
    walker.looked += 1;
    live = merge(live.flatMap((branch) => stepRule(walker, chain, prepared, branch, returned, depth)));
  }
  return { live, returned };
}

/** What a rule makes of one branch: the branches that go on in this chain. */
function stepRule(
  walker: Walker,
  chain: string,
  prepared: PreparedRule,
  branch: Branch,
  returned: Branch[],
  depth: number,
): readonly Branch[] {
  prepared.match ??= parseMatch(prepared.rule.args, walker.table.names);
  const { conditions, target } = prepared.match;
  const matches = all(conditions.map((condition) => holds(condition, branch.packet, walker.facts)));
  if (matches === "no") return [branch];
  const { family, backend, name } = walker.table;
  const by: RuleRef = { family, backend, table: name, chain, number: prepared.number, args: prepared.rule.args };
  walker.matched.push({ rule: by, sure: matches === "yes" });
  if (matches === "yes") return perform(walker, target, by, branch, returned, depth);
  const doubtful = { packet: branch.packet, doubt: branch.doubt ?? by };
  const before = walker.ends.length + returned.length;
  const taken = perform(walker, target, by, doubtful, returned, depth);
  const together = merge([doubtful, ...taken]);
  // Whether it matched made no difference.
  if (walker.ends.length + returned.length === before && together.length === 1) return [branch];
  return together;
}

function perform(walker: Walker, target: RuleTarget, by: RuleRef, branch: Branch, returned: Branch[], depth: number): readonly Branch[] {
  const end = (effect: Effect): readonly Branch[] => {
    walker.ends.push({ effect, packet: branch.packet, by, doubt: branch.doubt });
    return [];
  };
  switch (target.kind) {
    case "none":
    case "log":
      return [branch];
    case "accept":
      return end({ kind: "pass" });
    case "drop":
      return end({ kind: "drop" });
    case "reject":
      return end({ kind: "reject", answer: target.answer });
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return end({ kind: "translate", target });
    case "return":
      returned.push(branch);
      return [];
    case "jump":
    case "goto":
      return enter(walker, target, branch, returned, depth);
    case "mark":
      return [{ ...branch, packet: marked(branch.packet, target.of, target.mark) }];
    case "notrack":
      return [{ ...branch, packet: { ...branch.packet, state: "UNTRACKED" } }];
    case "extension":
      return target.ends === false ? [branch] : end({ kind: "unknown", target: target.name });
  }
}

function enter(
  walker: Walker,
  target: Extract<RuleTarget, { kind: "jump" | "goto" }>,
  branch: Branch,
  returned: Branch[],
  depth: number,
): readonly Branch[] {
  if (depth > deepest || walker.looked > most) return [];
  const inner = walkChain(walker, target.chain, [branch], depth + 1);
  const back = merge([...inner.live, ...inner.returned]);
  if (target.kind === "jump") return back;
  returned.push(...back);
  return [];
}

function marked(packet: Packet, of: "packet" | "connection", { change, value, mask }: MarkChange): Packet {
  if (change === "save" || change === "restore") {
    const [from, to] = change === "save" ? [packet.mark, packet.connectionMark] : [packet.connectionMark, packet.mark];
    const mixed = from === undefined || to === undefined ? undefined : ((to & ~mask) | (from & mask)) >>> 0;
    return change === "save" ? { ...packet, connectionMark: mixed } : { ...packet, mark: mixed };
  }
  const field = of === "packet" ? "mark" : "connectionMark";
  const old = packet[field];
  if (old === undefined) return change === "set" && mask >>> 0 === 0xffffffff ? { ...packet, [field]: value >>> 0 } : packet;
  const next = { set: (old & ~mask) ^ value, and: old & value, or: old | value, xor: old ^ value }[change];
  return { ...packet, [field]: next >>> 0 };
}
