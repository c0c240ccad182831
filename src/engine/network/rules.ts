// Every rule of this network namespace with its counters, whose it is and what it does in words.
import { TsnsError } from "../../base/error.ts";
import { type RuleChoice, readAllRules } from "../../kernel/iptables/all.ts";
import { parseRuleLines, type TableLines } from "../../kernel/iptables/line.ts";
import type { RuleView } from "../../network/rule/view.ts";
import type { TableName } from "../../plan/rule.ts";
import type { Engine } from "../engine.ts";
import { isOwnedBy, nameOf, openDirectory } from "./rule-owner.ts";
import { viewTable } from "./rule-view.ts";

export interface RuleFilter extends RuleChoice {
  readonly table?: string | undefined;
  readonly chain?: string | undefined;
  /** A program (docker), a container, a network, or "container web" as the list shows it. */
  readonly owner?: string | undefined;
}

const tableNames: readonly string[] = ["raw", "mangle", "nat", "filter", "security"] satisfies TableName[];

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
