// The rules of one table as rows of a listing: numbers, owners, words, and the chains above them.
import type { BackendRules } from "../../kernel/iptables/all.ts";
import { parseWords as parseRuleWords, renderWord as renderRuleWord } from "../../kernel/iptables/index.ts";
import type { RuleLine, TableLines } from "../../kernel/iptables/line.ts";
import type { Names } from "../../network/rule/condition-words.ts";
import { parseMatch, type RuleMatch } from "../../network/rule/match.ts";
import { ownerOfRule, programOfChain } from "../../network/rule/owner.ts";
import { describeShaped, openLineShapes, type Shape, type ShapedRule } from "../../network/rule/shape.ts";
import { nobody, type RuleOwner, type RuleView } from "../../network/rule/view.ts";
import { describeRule } from "../../network/rule/words.ts";
import type { TableName } from "../../plan/rule.ts";
import { completeOwner, type Directory, nameOf } from "./rule-owner.ts";

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

export function viewTable({ family, backend }: BackendRules, table: TableLines, directory: Directory): RuleView[] {
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
