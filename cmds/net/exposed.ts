// tsns net exposed: which ports are open to whom.
import { type Field, type Listing, renderListing } from "../../src/base/listing.ts";
import { type NamedRow, readExposure } from "../../src/engine/network/exposed.ts";
import { renderDoorPort } from "../../src/network/exposed/door.ts";
import type { Cell } from "../../src/network/exposed/matrix.ts";
import { renderIp } from "../../src/network/rule/address.ts";
import { renderRule } from "../../src/network/trace/verdict.ts";
import { ruleView } from "../../src/network/trace/view.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { usageError } from "../usage-error.ts";

const usualSides = ["host", "lan", "internet"] as const;

function addressOf({ door }: NamedRow): string {
  if (door.address) return renderIp(door.address);
  if (door.both) return "*";
  return door.family === "ipv4" ? "0.0.0.0" : "::";
}

const portOf = ({ door }: NamedRow): string => `${renderDoorPort(door)}/${door.protocol}`;

/** What decided the cell: the rule, else the reason. */
const because = ({ rule, reason }: Cell): string => (rule ? renderRule(rule) : reason);

/** The side that is farthest away is what matters most. */
function decidedBy({ cells }: NamedRow): string {
  const cell = [...cells].reverse().find(({ verdict }) => verdict !== "blocked") ?? cells.at(-1);
  return cell ? because(cell) : "";
}

const bypassesOf = ({ cells }: NamedRow): string => [...new Set(cells.flatMap(({ bypassed }) => bypassed ?? []))].join("; ");

const columnName = (side: string): string => side.charAt(0).toUpperCase() + side.slice(1).replaceAll(/[^A-Za-z0-9]/g, "_");

function listingOf(sides: readonly string[]): Listing<NamedRow> {
  const verdictOf = (row: NamedRow, side: string) => {
    const cell = row.cells.find((candidate) => candidate.side === side);
    return `${cell?.verdict ?? ""}${cell?.bypassed ? "!" : ""}`;
  };
  const fields: Field<NamedRow>[] = [
    { name: "Port", header: "port", value: portOf },
    { name: "Address", header: "address", value: addressOf },
    { name: "Owner", header: "owner", value: ({ owner }) => owner },
    { name: "To", header: "to", value: ({ door }) => door.to ?? "-" },
    ...sides.map((side): Field<NamedRow> => ({ name: columnName(side), header: side, value: (row) => verdictOf(row, side) })),
    { name: "Bypass", header: "bypass", value: bypassesOf, inTable: false },
    { name: "DecidedBy", header: "decided by", value: decidedBy },
  ];
  return { fields, key: portOf, record: recordOf };
}

function recordOf(row: NamedRow): unknown {
  const { door, owner, cells } = row;
  return {
    port: door.port,
    ...(door.lastPort === undefined ? {} : { lastPort: door.lastPort }),
    protocol: door.protocol,
    address: addressOf(row),
    owner,
    ...(door.to === undefined ? {} : { to: door.to }),
    from: Object.fromEntries(
      cells.map(({ side, verdict, reason, rule, bypassed }) => [
        side,
        { verdict, reason, ...(rule ? { rule: ruleView(rule) } : {}), ...(bypassed ? { bypassed } : {}) },
      ]),
    ),
  };
}

/** `--fail-on reachable`. */
const anySide = "reachable";

/** `--from lan,host` is `--from lan --from host`. */
const listed = (values: readonly string[] = []): readonly string[] => values.flatMap((value) => value.split(","));

export const command = defineCommand({
  path: "net exposed",
  usage: "[OPTIONS]",
  summary: "List every open and published port, who reaches it, and what decides that",
  options: {
    format: listingOptions.format,
    json: listingOptions.json,
    quiet: { ...listingOptions.quiet, describe: "Print only ports that are not blocked from every side looked from, each once" },
    from: { type: "list", value: "side", describe: "Sides to look from: host, lan, internet, or a network (default: the first three)" },
    "fail-on": {
      type: "list",
      value: "side|reachable",
      describe: "End with status 1 when a port is reachable from there (reachable: from any side looked from), or may be",
    },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const words = listed(options["fail-on"]);
    const named = words.filter((word) => word !== anySide);
    const sides = [...new Set([...(options.from ? listed(options.from) : named.length > 0 ? named : usualSides), ...named])];
    const failOn = words.includes(anySide) ? sides : named;
    if (sides.some((side) => side === "")) throw usageError("net exposed", ["an empty side"], 2);
    const rows = readExposure(context.engine(), sides);
    const isTable = !options.json && (options.format || "table") === "table";
    const shown = options.quiet && isTable ? openPorts(rows) : rows;
    context.stdout.write(await renderListing(listingOf(sides), shown, options));
    const plain = isTable && !options.quiet;
    if (plain) for (const text of bypassLines(rows)) context.stdout.write(text);
    return rows.some(({ cells }) => cells.some(({ side, verdict }) => failOn.includes(side) && verdict !== "blocked")) ? 1 : 0;
  },
});

/** One row for each port and protocol that some side reaches, or may. */
function openPorts(rows: readonly NamedRow[]): readonly NamedRow[] {
  const open = rows.filter(({ cells }) => cells.some(({ verdict }) => verdict !== "blocked"));
  return [...new Map(open.map((row) => [portOf(row), row])).values()];
}

/** What the "!" behind a verdict means. */
function bypassLines(rows: readonly NamedRow[]): readonly string[] {
  return rows.flatMap((row) => {
    const text = bypassesOf(row);
    return text === "" ? [] : [`! ${portOf(row)}: ${text}\n`];
  });
}
