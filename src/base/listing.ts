// Lists as docker prints them: the default table, `--format` (template, "table ...", "json"), `--json`, `-q`.
// Knows what a column is, not what is listed.
import { layoutTable, renderTable } from "./table.ts";
import type { FunctionTable } from "./template/function.ts";
import { escapeControl, renderJson } from "./text.ts";

/** One field of a row: its name in templates and JSON (docker's: ID, Names), its column title, its text. */
export interface Field<Row> {
  readonly name: string;
  readonly header: string;
  value(row: Row): string;
  /** false: only in templates and JSON, not in the default table. */
  readonly inTable?: boolean;
}

export interface Listing<Row> {
  /** In the order of the default table. */
  readonly fields: readonly Field<Row>[];
  /** Printed alone by -q. */
  readonly key: (row: Row) => string;
  /** What templates may call with arguments: {{.Label "name"}}. */
  readonly methods?: Readonly<Record<string, (row: Row, ...values: unknown[]) => unknown>>;
  /** What --json prints for a row; without it the fields. */
  readonly record?: (row: Row) => unknown;
}

export interface ListingChoice {
  /** docker's --format. */
  readonly format?: string | undefined;
  /** One JSON array. */
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

/** Everything the command prints. Throws TsnsError invalid for a wrong template. */
export async function renderListing<Row>(listing: Listing<Row>, rows: readonly Row[], choice: ListingChoice = {}): Promise<string> {
  const { format, quiet } = choice;
  if (choice.json) return `${renderJson(rows.map(listing.record ?? ((row) => fieldsOf(listing, row))), 2)}\n`;
  if (format === "json") return rows.map((row) => `${renderJson(fieldsOf(listing, row))}\n`).join("");
  if (quiet && (format === undefined || format === "" || format === "table"))
    return rows.map((row) => `${escapeControl(listing.key(row))}\n`).join("");
  if (format === undefined || format === "" || format === "table") {
    const shown = listing.fields.filter((field) => field.inTable !== false);
    return renderTable(
      shown.map((field) => field.header),
      rows.map((row) => shown.map((field) => field.value(row))),
    );
  }
  // Loaded when there is a template: most lists have none.
  const { parseTemplate } = await import("./template/template.ts");
  // A shell passes \t and \n of a format as two characters; docker takes both spellings.
  const source = (format.startsWith("table") ? format.slice(5).trim() : format).replaceAll("\\t", "\t").replaceAll("\\n", "\n");
  const template = parseTemplate(source);
  const lines = rows.map((row) => template.render(templateRow(listing, row)));
  if (!format.startsWith("table")) return lines.map((line) => `${line}\n`).join("");
  const header = parseTemplate(source, { functions: headerFunctions }).render(headerRow(listing));
  return layoutTable([header, ...lines].flatMap((line) => line.split("\n")).map((line) => line.split("\t")));
}

function fieldsOf<Row>(listing: Listing<Row>, row: Row): Record<string, string> {
  const names = listing.fields.map((field) => field.name).sort();
  return Object.fromEntries(names.map((name) => [name, listing.fields.find((field) => field.name === name)?.value(row) ?? ""]));
}

/** Fields are computed when the template asks for them: one of them may be dear. */
function templateRow<Row>(listing: Listing<Row>, row: Row): object {
  const target = {};
  // {{json .}} prints them in this order: Go's.
  for (const field of [...listing.fields].sort((one, other) => (one.name < other.name ? -1 : 1))) {
    Object.defineProperty(target, field.name, { enumerable: true, get: () => escapeControl(field.value(row)) });
  }
  for (const [name, method] of Object.entries(listing.methods ?? {})) {
    Object.defineProperty(target, name, { enumerable: true, value: (...values: unknown[]) => method(row, ...values) });
  }
  return target;
}

function headerRow<Row>(listing: Listing<Row>): object {
  const titles = listing.fields.map((field): [string, unknown] => [field.name, field.header.toUpperCase()]);
  const methods = Object.keys(listing.methods ?? {}).map((name): [string, unknown] => [name, (value: unknown) => `${value}`]);
  return Object.fromEntries([...titles, ...methods]);
}

/** In the header row titles pass through functions unchanged. */
const same = (value: unknown): unknown => value;
const headerFunctions: FunctionTable = {
  json: same,
  slice: same,
  title: same,
  lower: same,
  upper: same,
  truncate: same,
  split: same,
  join: same,
};
