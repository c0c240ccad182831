// Every rule of this network namespace with its counters, whose it is and what it does in words.
import { TsnsError } from "../../base/error.ts";
import { type BackendRules, type RuleChoice, readAllRules } from "../../kernel/iptables/all.ts";
import { parseWords as parseRuleWords, renderWord as renderRuleWord } from "../../kernel/iptables/index.ts";
import { parseRuleLines, type RuleLine, type TableLines } from "../../kernel/iptables/line.ts";
import type { Owner } from "../../namespace/owner.ts";
import { canonicalAddress } from "../../network/canonical.ts";
import { parseMatch, type RuleMatch, renderBlock, renderIp } from "../../network/rule/match.ts";
import { ownerOfRule, programOfChain } from "../../network/rule/owner.ts";
import { describeShaped, openLineShapes, type Shape, type ShapedRule } from "../../network/rule/shape.ts";
import { nobody, type RuleOwner, type RuleView } from "../../network/rule/view.ts";
import type { Names } from "../../network/rule/condition-words.ts";
import { describeRule } from "../../network/rule/words.ts";
import type { TableName } from "../../plan/rule.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { readOwnNetworks } from "./own.ts";

export interface RuleFilter extends RuleChoice {
  readonly table?: string | undefined;
  readonly chain?: string | undefined;
  /** A program (docker), a container, a network, or "container web" as the list shows it. */
  readonly owner?: string | undefined;
}

const tableNames: readonly string[] = ["raw", "mangle", "nat", "filter", "security"] satisfies TableName[];

/** What is known of the names behind addresses, ids and bridges; looked up at first use. */
interface Directory {
  ofAddress(address: string): RuleOwner | undefined;
  ofId(id: string): RuleOwner | undefined;
  ofBridge(bridge: string): string | undefined;
}

const ownerOf = ({ engine, name, id }: Owner): RuleOwner | undefined =>
  engine === "other" || engine === "systemd" ? undefined : { program: engine, kind: "container", name, ...(id === "" ? {} : { id }) };

function openDirectory(engine: Engine): Directory {
  const owners = openOwners(engine);
  let named: ReadonlyMap<string, RuleOwner> | undefined;
  let networks: ReadonlyMap<string, string> | undefined;
  const own = () => {
    networks ??= new Map(
      readOwnNetworks(engine).flatMap(({ bridge, pools, name }) =>
        [bridge, ...pools.map(({ subnet }) => subnet)].map((key) => [key, name] as const),
      ),
    );
    return networks;
  };
  return {
    ofAddress(address) {
      named ??= new Map([
        ...owners.containers.flatMap(({ owner, addresses }) => {
          const found = ownerOf(owner);
          return found ? addresses.map((text) => [canonicalAddress(text) ?? text, found] as const) : [];
        }),
        ...[...own()].map(([key, name]) => [key, { program: "tsns", kind: "network", name }] as const),
      ]);
      return named.get(address);
    },
    ofId(id) {
      const found = owners.containers.find(({ owner }) => owner.id.startsWith(id));
      return found && ownerOf(found.owner);
    },
    ofBridge: (bridge) => own().get(bridge),
  };
}

/** The owner by the rule's own text, with names in place of ids and bridges; containers of foreign engines by the addresses in it. */
function completeOwner(owner: RuleOwner, match: RuleMatch, directory: Directory): RuleOwner {
  if (owner.program === "tsns") {
    if (owner.kind === "network") return { ...owner, name: directory.ofBridge(owner.name ?? "") ?? owner.name ?? "" };
    return owner.kind === "container" ? (directory.ofId(owner.id ?? "") ?? owner) : owner;
  }
  const found = addressesOf(match).flatMap((address) => directory.ofAddress(address) ?? [])[0];
  if (!found || owner === nobody || owner.program === found.program) return found ?? owner;
  // The plugins of CNI write rules for whichever engine called them.
  return owner.program === "cni" && found.program !== "tsns" ? { ...found, program: owner.program } : owner;
}

/** Addresses that say whose a rule is: where it leads, then whom it is about. */
function addressesOf({ conditions, target }: RuleMatch): readonly string[] {
  const to = target.kind === "dnat" && target.to.address ? [renderIp(target.to.address.from)] : [];
  return [
    ...to,
    ...conditions.flatMap((condition) => (condition.kind === "address" && !condition.not ? [renderBlock(condition.block)] : [])),
  ];
}

/** Chains that are only reached by rules for addresses of this host. */
function localChains(table: TableLines, matches: readonly RuleMatch[]): ReadonlySet<string> {
  const [local, other] = [new Set<string>(), new Set<string>()];
  for (const [at, { target, conditions }] of matches.entries()) {
    if (target.kind !== "jump" && target.kind !== "goto") continue;
    const from = table.rules[at]?.chain ?? "";
    const isLocal = conditions.some(
      (condition) =>
        condition.kind === "address-type" && condition.side === "destination" && condition.types.join() === "LOCAL" && !condition.not,
    );
    (isLocal || (local.has(from) && !other.has(from)) ? local : other).add(target.chain);
  }
  return new Set([...local].filter((chain) => !other.has(chain)));
}

function chainText(policy: string | undefined, references: number): string {
  if (policy !== undefined) return `policy ${policy}`;
  return references === 0 ? "chain that nothing leads to" : `chain, ${references} ${references === 1 ? "rule leads" : "rules lead"} here`;
}

/** What the rules of one table have in common. */
interface TableContext extends Pick<BackendRules, "family" | "backend"> {
  readonly table: TableName;
  /** Names for a rule's words, in chains for any packet and in those for packets to this host. */
  readonly names: Readonly<Record<"anywhere" | "here", Names>>;
  matchOf(line: RuleLine): RuleMatch;
}

/** A rule of a listing. There may be many thousands: what is seldom asked or can be made later is made when it is asked. */
class LineView implements RuleView {
  readonly #table: TableContext;
  readonly #line: RuleLine;
  /** Undefined: its words are its own, not its shape's. */
  readonly #plain: ShapedRule | undefined;
  readonly number: number;
  readonly owner: RuleOwner;
  readonly local: boolean;

  constructor(table: TableContext, line: RuleLine, number: number, owner: RuleOwner, local: boolean, plain: ShapedRule | undefined) {
    this.#table = table;
    this.#line = line;
    this.#plain = plain;
    this.number = number;
    this.owner = owner;
    this.local = local;
  }
  get family() {
    return this.#table.family;
  }
  get backend() {
    return this.#table.backend;
  }
  get table() {
    return this.#table.table;
  }
  get chain() {
    return this.#line.chain;
  }
  get packets() {
    return this.#line.packets;
  }
  get bytes() {
    return this.#line.bytes;
  }
  get does() {
    const shaped = this.#plain && describeShaped(this.#plain, this.local);
    return shaped ?? describeRule(this.match, this.#table.names[this.local ? "here" : "anywhere"]);
  }
  get rule() {
    return `-A ${renderRuleWord(this.#line.chain)} ${this.#line.body}`.trimEnd();
  }
  get match() {
    return this.#table.matchOf(this.#line);
  }
}

function viewTable({ family, backend }: BackendRules, table: TableLines, directory: Directory): RuleView[] {
  const chains = new Set(table.chains.flatMap(({ name, policy }) => (policy === undefined ? [name] : [])));
  const shapeOf = openLineShapes(chains, parseRuleWords);
  const shaped = table.rules.map(({ chain, body }) => shapeOf(chain, body));
  const matchOf = ({ body }: RuleLine): RuleMatch => parseMatch(parseRuleWords(body), chains);
  // The match of a shape is that of each of its rules but for addresses and ports.
  const kinds = table.rules.map((line, at) => shaped[at]?.shape.match ?? matchOf(line));
  const local = localChains(table, kinds);
  const byChain = viewChains({ family, backend }, table, kinds, local);
  const namesOf = (localOnly: boolean): Names => ({ of: (address) => nameOf(directory.ofAddress(address)), localOnly });
  const names = { anywhere: namesOf(false), here: namesOf(true) };
  const context: TableContext = { family, backend, table: table.table, names, matchOf };
  /** Of rules of one shape, unless an address in one has a name. */
  const ownerOfShape = new Map<Shape, RuleOwner>();
  const isNamed = (address: string): boolean => directory.ofAddress(address) !== undefined;
  for (const [at, line] of table.rules.entries()) {
    const { chain } = line;
    const found = shaped[at];
    const plain = found?.addresses.some(isNamed) ? undefined : found;
    let owner = plain && ownerOfShape.get(plain.shape);
    if (!owner) {
      const match = matchOf(line);
      owner = completeOwner(ownerOfRule(chain, match), match, directory);
      if (plain) ownerOfShape.set(plain.shape, owner);
    }
    let views = byChain.get(chain);
    if (!views) {
      views = [];
      byChain.set(chain, views);
    }
    views.push(new LineView(context, line, Math.max(views.length, 1), owner, local.has(chain), plain));
  }
  return [...byChain.values()].flat();
}

/** The chains themselves, each the first of its rows. */
function viewChains(
  { family, backend }: Pick<BackendRules, "family" | "backend">,
  table: TableLines,
  matches: readonly RuleMatch[],
  local: ReadonlySet<string>,
): Map<string, RuleView[]> {
  const references = new Map<string, number>();
  for (const { target } of matches) {
    if (target.kind === "jump" || target.kind === "goto") references.set(target.chain, (references.get(target.chain) ?? 0) + 1);
  }
  const byChain = new Map<string, RuleView[]>();
  for (const { name, policy, counter } of table.chains) {
    const program = policy === undefined ? programOfChain(name) : undefined;
    const does = chainText(policy, references.get(name) ?? 0);
    const owner = program === undefined ? nobody : { program };
    const place = { family, backend, table: table.table, chain: name, local: local.has(name) };
    const counted = { packets: `${counter.packets}`, bytes: `${counter.bytes}` };
    byChain.set(name, [{ ...place, number: 0, ...counted, owner, does, rule: `:${name} ${policy ?? "-"}` }]);
  }
  return byChain;
}

function nameOf(owner: RuleOwner | undefined): string | undefined {
  if (!owner?.kind) return undefined;
  return owner.program === "tsns" ? `${owner.kind} ${owner.name}` : `${owner.program} ${owner.kind} ${owner.name}`;
}

function isOwnedBy({ program, kind, name, id }: RuleOwner, wanted: string): boolean {
  const words = wanted.toLowerCase();
  if (program.toLowerCase() === words || name?.toLowerCase() === words) return true;
  if (`${kind} ${name}`.toLowerCase() === words || `${program} ${kind} ${name}`.toLowerCase() === words) return true;
  return id !== undefined && /^[0-9a-f]{6,}$/.test(words) && id.startsWith(words);
}

export interface RuleReport {
  readonly rules: readonly RuleView[];
  /** Tables of nftables that rule as well and that iptables has no words for. */
  readonly hidden: readonly string[];
  /** "container web" for an address, as the rules' words have it. */
  nameOf(address: string): string | undefined;
}

/** All rules that pass the filter. Throws TsnsError invalid `no-such-table`, not-found `no-such-chain`; and as readAllRules does. */
export async function listRules(engine: Engine, filter: RuleFilter = {}): Promise<RuleReport> {
  if (filter.table !== undefined && !tableNames.includes(filter.table)) {
    throw new TsnsError("invalid", "no-such-table", `"${filter.table}" is no table of iptables`, {
      hint: `the tables are ${tableNames.join(", ")}`,
      exitCode: 2,
    });
  }
  const sets = await readAllRules(filter);
  const directory = openDirectory(engine);
  const order = (table: TableLines) => tableNames.indexOf(table.table);
  const views = sets.flatMap((rules) =>
    parseRuleLines(rules.text)
      .filter((table) => filter.table === undefined || table.table === filter.table)
      .toSorted((one, other) => order(one) - order(other))
      .flatMap((table) => viewTable(rules, table, directory)),
  );
  const { chain, owner } = filter;
  const ofChain = chain === undefined ? views : views.filter((view) => view.chain === chain);
  if (chain !== undefined && ofChain.length === 0) {
    throw new TsnsError("not-found", "no-such-chain", `no chain ${chain}${filter.table === undefined ? "" : ` in table ${filter.table}`}`, {
      hint: "tsns net rules lists all chains",
    });
  }
  const rules = owner === undefined ? ofChain : ofChain.filter((view) => view.number > 0 && isOwnedBy(view.owner, owner));
  return {
    rules,
    hidden: [...new Set(sets.flatMap(({ hidden }) => hidden))],
    nameOf: (address) => nameOf(directory.ofAddress(address)),
  };
}
