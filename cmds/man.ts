// Writes man/*.1 from the tree and man/prose/*.md, and man/*.7, the concepts, from man/prose/*.7.md alone; with --check says
// which pages are not what would be written.
//   node cmds/man.ts [--check]
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Concept, type Documented, pageName, renderConceptPage, renderMainPage, renderPage, usualWords } from "./man/page.ts";
import { tree } from "./tree.ts";
import { readVersion } from "./version.ts";

const directory = join(import.meta.dirname, "../man");

/** Every page by file name. */
export async function renderPages(): Promise<Map<string, string>> {
  const listed = tree.filter((entry) => entry.topic);
  const commands: Documented[] = await Promise.all(listed.map(async (entry) => ({ entry, command: (await entry.load()).command })));
  commands.sort((a, b) => (usualWords(a.entry) < usualWords(b.entry) ? -1 : 1));
  const version = readVersion();
  const concepts = readConcepts();
  const pages = new Map([["tsns.1", renderMainPage(commands, concepts, readProse("tsns"), version)]]);
  for (const documented of commands) {
    const name = pageName(usualWords(documented.entry));
    pages.set(`${name}.1`, renderPage(documented, readProse(name), version, commands, concepts));
  }
  for (const concept of concepts) pages.set(`${concept.name}.7`, renderConceptPage(concept, version));
  return pages;
}

/** The pages of section 7: each file man/prose/NAME.7.md is one. */
function readConcepts(): Concept[] {
  const files = readdirSync(join(directory, "prose")).filter((file) => file.endsWith(".7.md"));
  return files.sort().map((file) => ({ name: file.slice(0, -5), prose: readFileSync(join(directory, "prose", file), "utf8") }));
}

/** The prose of a page; that of its group where it has none of its own. */
function readProse(name: string): string {
  const path = join(directory, "prose", `${name}.md`);
  if (existsSync(path)) return readFileSync(path, "utf8");
  const group = name.replace(/-[^-]+$/, "");
  return group === "tsns" || group === name ? "" : readProse(group);
}

/** File names whose content differs from what would be written, pages of gone commands and prose without a page included. */
function stalePages(pages: ReadonlyMap<string, string>): string[] {
  const stale = [...pages].filter(
    ([file, text]) => !existsSync(join(directory, file)) || readFileSync(join(directory, file), "utf8") !== text,
  );
  const gone = readdirSync(directory).filter((file) => isPage(file) && !pages.has(file));
  const names = [...pages.keys()];
  const prose = readdirSync(join(directory, "prose")).filter((file) => !names.some((page) => isProseOf(file.replace(/\.md$/, ""), page)));
  return [...stale.map(([file]) => file), ...gone, ...prose.map((file) => `prose/${file}`)].sort();
}

const isPage = (file: string): boolean => /\.[17]$/.test(file);

const isProseOf = (name: string, page: string): boolean => page === name || page === `${name}.1` || page.startsWith(`${name}-`);

async function run(check: boolean): Promise<number> {
  const pages = await renderPages();
  const stale = stalePages(pages);
  if (!check) {
    for (const [file, text] of pages) writeFileSync(join(directory, file), text);
    for (const file of stale) if (!pages.has(file) && isPage(file)) rmSync(join(directory, file));
    return 0;
  }
  for (const file of stale) process.stderr.write(`man/${file} is out of date; run: node cmds/man.ts\n`);
  return stale.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await run(process.argv.includes("--check"));
