// One manual page per command, from its option table and its prose, and one per concept, from prose alone. Pure.
import type { Option, OptionTable } from "../command.ts";
import { changeOptions } from "../option/change.ts";
import { globalOptions } from "../option/global.ts";
import type { AnyCommand, Entry } from "../tree.ts";
import { escapeRoff, parseSections, renderSection, renderTagged, type Section } from "./roff.ts";

export interface Documented {
  readonly entry: Entry;
  readonly command: AnyCommand;
}

/** A page of section 7: its name and its Markdown, whose section `# Name` is one line that says what it is about. */
export interface Concept {
  readonly name: string;
  readonly prose: string;
}

/** The words a command is best known by: "run", "image bootstrap". */
export function usualWords(entry: Entry): string {
  return entry.also.find((words) => !words.includes(" ")) ?? entry.path;
}

/** File name of a page, and its name in references: "tsns-image-bootstrap". */
export function pageName(words: string): string {
  return `tsns-${words.replaceAll(" ", "-")}`;
}

/** What the commands of a group are about: pages of section 7, by the first word. */
const conceptOf: Readonly<Record<string, string>> = {
  cgroup: "tsns-cgroups",
  layer: "tsns-layers",
  mount: "tsns-namespaces",
  net: "tsns-networking",
  network: "tsns-networking",
  ns: "tsns-namespaces",
};

/** Pages a reader of this one wants next: its concept, how its steps are explained, and the other verbs of its noun. */
function relatedPages({ entry, command }: Documented, all: readonly Documented[], concepts: readonly Concept[]): string[] {
  const group = entry.path.replace(/ ?[^ ]+$/, "");
  const concept = conceptOf[entry.path.replace(/ .*/, "")] ?? "";
  const wanted = [concept, command.changes ? "tsns-explain" : ""];
  const siblings = all.filter((other) => group !== "" && other.entry !== entry && other.entry.path.replace(/ ?[^ ]+$/, "") === group);
  return [
    "tsns(1)",
    ...siblings.map((other) => `${pageName(usualWords(other.entry))}(1)`),
    ...concepts.flatMap(({ name }) => (wanted.includes(name) ? [`${name}(7)`] : [])),
  ];
}

/** The page of one command. `prose`: Markdown with sections, may be empty; `all`, `concepts`: what it may refer to. */
export function renderPage(
  { entry, command }: Documented,
  prose: string,
  version: string,
  all: readonly Documented[] = [],
  concepts: readonly Concept[] = [],
): string {
  const words = usualWords(entry);
  const others = [entry.path, ...entry.also].filter((spelling) => spelling !== words);
  const sections = parseSections(prose);
  const description = sections.find(({ title }) => title === "Description")?.lines ?? [`${command.summary}.`];
  return [
    head(pageName(words), 1, version),
    `.SH NAME\n${escapeRoff(pageName(words))} \\- ${escapeRoff(lowerFirst(command.summary))}\n`,
    `.SH SYNOPSIS\n${[words, ...others].map((spelling) => synopsis(spelling, command.usage)).join("")}`,
    renderSection({ title: "Description", lines: description }),
    renderOptions(command.changes ? { ...command.options, ...changeOptions } : command.options),
    ...sections.filter(({ title }) => title !== "Description").map(renderSection),
    renderSeeAlso(relatedPages({ entry, command }, all, concepts)),
  ].join("");
}

/** A page of section 7. */
export function renderConceptPage({ name, prose }: Concept, version: string): string {
  const sections = parseSections(prose);
  return [
    head(name, 7, version),
    `.SH NAME\n${escapeRoff(name)} \\- ${escapeRoff(summaryOf(sections, name))}\n`,
    ...sections.filter(({ title }) => title !== "Name").map(renderSection),
    ...(sections.some(({ title }) => title === "See also") ? [] : [".SH SEE ALSO\n.BR tsns (1)\n"]),
  ].join("");
}

function summaryOf(sections: readonly Section[], name: string): string {
  const lines = sections.find(({ title }) => title === "Name")?.lines.filter((line) => line.trim() !== "") ?? [];
  if (lines.length !== 1) throw new Error(`${name}.7.md: the section "# Name" must hold one line`);
  return lines[0]?.trim() ?? "";
}

/** tsns(1): global options and a list of the commands, with the prose around them. */
export function renderMainPage(commands: readonly Documented[], concepts: readonly Concept[], prose: string, version: string): string {
  const sections = parseSections(prose);
  const list = commands.map(({ entry, command }) => {
    const words = usualWords(entry);
    return renderTagged(`\\fB${escapeRoff(pageName(words))}\\fR(1)`, command.summary);
  });
  return [
    head("tsns", 1, version),
    ".SH NAME\ntsns \\- Linux containers and what they are made of, without a daemon\n",
    `.SH SYNOPSIS\n${synopsis("", "[OPTIONS] COMMAND")}`,
    ...sections.filter(({ title }) => title === "Description").map(renderSection),
    renderOptions(globalOptions),
    `.SH COMMANDS\n${list.join("")}`,
    ...sections.filter(({ title }) => title !== "Description").map(renderSection),
    renderSeeAlso(concepts.map(({ name }) => `${name}(7)`)),
  ].join("");
}

/** `pages`: "tsns-run(1)". */
function renderSeeAlso(pages: readonly string[]): string {
  if (pages.length === 0) return "";
  const references = pages.map((page, at) => `.BR ${escapeRoff(page).replace("(", " (")}${at < pages.length - 1 ? "," : ""}\n`);
  return `.SH SEE ALSO\n${references.join("")}`;
}

function head(name: string, section: number, version: string): string {
  return `.\\" Generated from option tables and man/prose by cmds/man.ts.\n.TH ${name.toUpperCase()} ${section} "" "tsns ${version}" "tsns"\n`;
}

function synopsis(words: string, usage: string): string {
  return `.PP\n\\fBtsns${words === "" ? "" : ` ${escapeRoff(words)}`}\\fR ${escapeRoff(usage)}\n`.replace(/ \n$/, "\n");
}

function renderOptions(table: OptionTable): string {
  const names = Object.keys(table).filter((name) => !table[name]?.hidden);
  if (names.length === 0) return "";
  return `.SH OPTIONS\n${names
    .sort()
    .map((name) => renderOption(name, table[name]))
    .join("")}`;
}

function renderOption(name: string, option: Option | undefined): string {
  if (!option) return "";
  const placeholder = option.value ?? (option.type === "number" ? "int" : option.type);
  const value = option.type === "boolean" ? "" : option.bare === undefined ? ` \\fI${placeholder}\\fR` : `[=\\fI${placeholder}\\fR]`;
  const short = option.short ? `\\fB\\-${option.short}\\fR, ` : "";
  const others = (option.aliases ?? []).map((alias) => `, \\fB\\-\\-${escapeRoff(alias)}\\fR`).join("");
  const extra = [
    option.choices ? `One of ${option.choices.map((choice) => `\`${choice}\``).join(", ")}.` : "",
    option.type === "list" ? "May be given more than once." : "",
    option.default !== undefined && option.default !== false && option.default !== "" ? `Default: \`${option.default}\`.` : "",
  ].filter((text) => text !== "");
  return renderTagged(`${short}\\fB\\-\\-${escapeRoff(name)}\\fR${value}${others}`, [`${option.describe}.`, ...extra].join(" "));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
