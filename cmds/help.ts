// Help texts in docker's layout, rendered by yargs from option tables. Loaded only when help is asked for.
import yargs from "yargs";
import type { Option, OptionTable } from "./command.ts";
import { changeOptions } from "./option/change.ts";
import { globalOptions } from "./option/global.ts";
import { type AnyCommand, type Entry, findEntry, groups, spellings, tree } from "./tree.ts";

/** Help of one command; `words` as typed. */
export async function renderCommandHelp(command: AnyCommand, words: string, columns: number): Promise<string> {
  const others = spellingsOf(command.path);
  const aliases = others.length > 1 ? `\n\nAliases:\n  ${others.map((spelling) => `tsns ${spelling}`).join(", ")}` : "";
  const table = command.changes ? { ...command.options, ...changeOptions } : command.options;
  return await render(`Usage:  tsns ${words} ${command.usage}`.trimEnd(), `${command.summary}${aliases}`, table, [], columns);
}

/** Help of tsns (empty words) or of a group such as "container". */
export async function renderGroupHelp(group: string, columns: number): Promise<string> {
  if (group === "") return await renderTopHelp(columns);
  const entries = tree.filter((entry) => entry.topic && entry.path.startsWith(`${group} `));
  const own = entries.filter((entry) => !entry.path.slice(group.length + 1).includes(" "));
  const rows = await Promise.all(own.map((entry) => summaryRow(entry, entry.path.slice(group.length + 1))));
  const inner = Object.entries(groups).filter(([words]) => words.startsWith(`${group} `));
  const sections = [
    { title: "Commands:", rows },
    { title: "Groups:", rows: inner.map(([words, about]) => [words.slice(group.length + 1), about] as const) },
  ].filter((section) => section.rows.length > 0);
  const foot = `Run 'tsns ${group} COMMAND --help' for more information on a command.`;
  return await render(`Usage:  tsns ${group} COMMAND`, groups[group] ?? "", {}, sections, columns, foot);
}

interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

async function renderTopHelp(columns: number): Promise<string> {
  const sections: Section[] = [];
  for (const topic of ["Containers", "Images", "Networks", "Volumes", "System"] as const) {
    const entries = tree.filter((entry) => entry.topic === topic && singleWord(entry) !== undefined);
    const rows = await Promise.all(entries.map((entry) => summaryRow(entry, singleWord(entry) ?? "")));
    if (rows.length > 0) sections.push({ title: `${topic}:`, rows: rows.sort(([a], [b]) => (a < b ? -1 : 1)) });
  }
  const used = Object.entries(groups).filter(([group]) => !group.includes(" ") && tree.some((entry) => entry.path.startsWith(`${group} `)));
  sections.push({ title: "Groups:", rows: used });
  const foot = "Run 'tsns COMMAND --help' for more information on a command.";
  const about = "Linux containers and what they are made of, without a daemon";
  return await render("Usage:  tsns [OPTIONS] COMMAND", about, globalOptions, sections, columns, foot);
}

/** The spelling a command has among the top words; those without are found through their group. */
function singleWord(entry: Entry): string | undefined {
  return spellings(entry).find((spelling) => !spelling.includes(" "));
}

async function summaryRow(entry: Entry, words: string): Promise<[string, string]> {
  return [words, (await entry.load()).command.summary];
}

function spellingsOf(path: string): readonly string[] {
  const entry = findEntry(path);
  return entry ? spellings(entry) : [path];
}

async function render(
  usage: string,
  about: string,
  table: OptionTable,
  sections: readonly Section[],
  columns: number,
  foot = "",
): Promise<string> {
  const parts = [usage, "", about];
  for (const section of sections) parts.push("", section.title, renderRows(section.rows, columns));
  const options = await renderOptions(table, columns);
  if (options !== "") parts.push("", options);
  if (foot !== "") parts.push("", foot);
  return `${parts.join("\n")}\n`;
}

/** yargs lays out what it is given as keys: "memory bytes" as a key reads `-m, --memory bytes`. Nothing is parsed with it. */
async function renderOptions(table: OptionTable, columns: number): Promise<string> {
  const names = Object.keys(table).filter((name) => !table[name]?.hidden);
  if (names.length === 0) return "";
  // The published types are of yargs 17, which lacks this call.
  const blank = yargs([]) as ReturnType<typeof yargs> & { usageConfiguration(choice: { "hide-types": boolean }): ReturnType<typeof yargs> };
  const parser = blank.usageConfiguration({ "hide-types": true }).locale("en").help(false).version(false).wrap(columns);
  for (const name of names.sort()) {
    const option = table[name];
    if (option)
      parser.option(optionLabel(name, option), { ...(option.short ? { alias: option.short } : {}), describe: description(option) });
  }
  return await parser.getHelp();
}

/** "memory bytes": the name and the placeholder of its value, as docker writes them. */
function optionLabel(name: string, option: Option): string {
  if (option.type === "boolean") return name;
  const placeholder = option.value ?? (option.type === "number" ? "int" : option.type);
  return option.bare === undefined ? `${name} ${placeholder}` : `${name} ${placeholder}[="${option.bare}"]`;
}

/** The description with its default, docker's way. */
export function description(option: Option): string {
  const { default: value } = option;
  if (value === undefined || value === false || value === "") return option.describe;
  return `${option.describe} (default ${typeof value === "string" ? JSON.stringify(value) : value})`;
}

function renderRows(rows: Section["rows"], columns: number): string {
  const width = Math.max(...rows.map(([name]) => name.length), 0);
  return rows.map(([name, text]) => wrapRow(`  ${name.padEnd(width)}   `, text, columns)).join("\n");
}

function wrapRow(head: string, text: string, columns: number): string {
  const room = Math.max(columns - head.length, 20);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return head + lines.join(`\n${" ".repeat(head.length)}`);
}
