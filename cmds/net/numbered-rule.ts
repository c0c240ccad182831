// What `net nat` and `net forward` share: rules of ours, which have numbers, listed among those of others, which have none.
import { TsnsError } from "../../src/base/error.ts";
import { type Field, type Listing, renderListing } from "../../src/base/listing.ts";
import { type RuleOwner, renderRuleOwner } from "../../src/network/rule/view.ts";
import type { Context, OptionTable, ValuesOf } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { countText } from "./count.ts";

/** A row of either list. */
export interface NumberedRule {
  /** Undefined for what others made. */
  readonly number?: number;
  readonly backend?: string;
  readonly owner: RuleOwner;
  readonly when: string;
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly state: string;
}

/** `own`: the fields of this kind of rule; the first of them stands for a rule without a number. */
export function numberedListing<Row extends NumberedRule>(own: readonly [Field<Row>, ...Field<Row>[]]): Listing<Row> {
  return {
    fields: [
      { name: "Number", header: "num", value: ({ number }) => (number === undefined ? "-" : `${number}`) },
      ...own,
      { name: "Owner", header: "owner", value: ({ owner }) => renderRuleOwner(owner) },
      { name: "Packets", header: "packets", value: ({ packets }) => `${packets}` },
      { name: "Bytes", header: "bytes", value: ({ bytes }) => `${bytes}` },
      { name: "State", header: "state", value: ({ state }) => state },
      { name: "Backend", header: "backend", inTable: false, value: ({ backend }) => backend ?? "" },
      { name: "When", header: "when", value: ({ when }) => when },
    ],
    key: (row) => (row.number === undefined ? own[0].value(row) : `${row.number}`),
    record: ({ packets, bytes, ...view }) => ({ ...view, packets: countText(packets), bytes: countText(bytes) }),
  };
}

/** `what`: "net nat". */
export const numberedOptions = (what: string) =>
  ({
    own: { type: "boolean", describe: `Only those of tsns ${what}` },
    quiet: { type: "boolean", short: "q", describe: "Print only numbers" },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  }) as const satisfies OptionTable;

export async function printNumbered<Row extends NumberedRule>(
  context: Context,
  listing: Listing<Row>,
  all: readonly Row[],
  options: ValuesOf<ReturnType<typeof numberedOptions>>,
): Promise<number> {
  const shown = options.own || options.quiet ? all.filter(({ number }) => number !== undefined) : all;
  context.stdout.write(await renderListing(listing, shown, options));
  return 0;
}

/** Numbers of what is tsns's own in a list, ascending. */
export async function allNumbers(list: Promise<readonly { readonly number?: number }[]>): Promise<readonly string[]> {
  const numbers = new Set((await list).flatMap(({ number }) => number ?? []));
  return [...numbers].sort((one, other) => one - other).map(String);
}

/** Throws the usage error for neither a name nor --all, or both. */
export function refuseNone(what: string, args: readonly string[], all: boolean): void {
  if (args.length > 0 !== all) return;
  const message = all ? `--all and ${args.join(" ")} cannot be given together` : `no ${what} given`;
  throw new TsnsError("invalid", "usage", message, { hint: `give numbers as tsns net ${what} ls shows them, or --all`, exitCode: 2 });
}
