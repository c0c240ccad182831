// Runs the tests of one kind with tap and counts from tap's own result.
// Also a script: `node tap.mjs unit|root|e2e|...|FILE...`, and `--prepare` once after npm ci.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { sweepRoots } from "./leftover.mjs";
import { checkout, modernNode } from "./node-version.mjs";
import { run } from "./process.mjs";

/**
 * @typedef {object} Totals
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} skips reasons, one per skipped test
 * @property {string} report what tap printed: a line per file
 * @property {string} failures raw TAP of the failed assertions
 */

/** Folders below test/ that `unit` leaves out: they need root, the shipped command, other engines, a virtual machine, or a finished run. */
const apart = ["after", "conformance", "e2e", "root", "native", "vm"];

/** Kinds of several folders. @type {Record<string, string[]>} */
const together = { e2e: ["e2e", "conformance"] };

/** @param {string} folder @returns {string[]} */
function testFilesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return testFilesBelow(path);
    return entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

/**
 * Test files of a kind, relative to the checkout: "unit" or a folder below test/.
 * @param {string} kind
 */
export function testFiles(kind) {
  const top = `${checkout}/test`;
  const folders = kind === "unit" ? [top] : (together[kind] ?? [kind]).map((folder) => `${top}/${folder}`);
  const files = folders.flatMap(testFilesBelow).map((path) => relative(checkout, path));
  return files.filter((path) => kind !== "unit" || !apart.includes(path.split("/")[1] ?? "")).sort();
}

const tap = [`${checkout}/node_modules/tap/dist/esm/run.mjs`];

/** Last summary line of a TAP stream: `# { total: 8, pass: 6, fail: 1, skip: 1 }`. @param {string} text */
export function parseTotals(text) {
  const line = text.match(/^# \{ total: .*\}$/gm)?.at(-1);
  if (line === undefined) return undefined;
  const count = (/** @type {string} */ name) => Number(line.match(new RegExp(`\\b${name}: (\\d+)`))?.[1] ?? 0);
  return { passed: count("pass"), failed: count("fail"), skipped: count("skip") + count("todo") };
}

/** `not ok 2 - name # time=1ms` in a file and its subtests: `not ok 2 - file > subtest > name # time=1ms`. @param {string} line @param {string[]} within */
const tellWhere = (line, within) => line.replace(/^( *not ok \d+ - )/, (start) => start + within.map((name) => `${name} > `).join(""));

/**
 * Failed assertions with the subtests they are in and their diagnostics. The "not ok" of a subtest or file is left out where
 * it only repeats a failure inside it.
 * @param {string} text
 */
export function failedAssertions(text) {
  const lines = text.split("\n");
  const out = [];
  /** Subtests that are open, and how much was written when each began. @type {{ indent: number, name: string, began: number }[]} */
  const open = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const indent = line.search(/\S/);
    const subtest = line.match(/^ *# Subtest: (.*)/)?.[1];
    if (subtest !== undefined) open.push({ indent, name: subtest, began: out.length });
    const word = line.match(/^ *(ok|not ok)\b/)?.[1];
    if (word === undefined) continue;
    while ((open.at(-1)?.indent ?? -1) > indent) open.pop(); // what a time-out cut short
    const ended = open.at(-1)?.indent === indent ? open.pop() : undefined;
    if (word === "ok" || (ended !== undefined && out.length > ended.began)) continue;
    const within = open.map(({ name }) => name);
    out.push(tellWhere(line, within));
    while (i + 1 < lines.length && (lines[i + 1]?.trim() === "" || (lines[i + 1] ?? "").search(/\S/) > indent)) out.push(lines[++i] ?? "");
  }
  return out.join("\n");
}

/**
 * Runs test files with tap. A run that tap did not finish counts as one more failure.
 * @param {string} name of the run; its raw result is kept as .tap/<name>.tap
 * @param {string[]} files
 * @param {{ show?: boolean, env?: Record<string, string> }} [options]
 * @returns {Promise<Totals>}
 */
export async function runTap(name, files, options = {}) {
  const file = `${checkout}/.tap/${name}.tap`;
  mkdirSync(`${checkout}/.tap`, { recursive: true });
  rmSync(file, { force: true });
  if (files.length === 0) return { passed: 0, failed: 1, skipped: 0, skips: [], report: "", failures: `no test files for ${name}` };
  // CI keeps tap from redrawing a terminal; it says nothing else to tests than "no one is watching"
  const env = { CI: "true", TAP_RCFILE: `${checkout}/.taprc`, ...options.env };
  const args = ["run", "--reporter=base", `--output-file=${file}`, ...files];
  const result = await run([modernNode(), ...tap, ...args], { env, show: options.show ?? false });
  process.stdout.write(await sweepRoots());
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const totals = parseTotals(text) ?? { passed: 0, failed: 0, skipped: 0 };
  const finished = result.code === 0 || totals.failed > 0;
  return {
    ...totals,
    failed: totals.failed + (finished ? 0 : 1),
    skips: [...text.matchAll(/^ *ok .*# SKIP ?(.*)$/gm)].map((match) => match[1] ?? ""),
    report: result.output,
    failures: finished ? failedAssertions(text) : `tap ended with ${result.code}\n${result.output}`,
  };
}

/** The plain line that a run ends with. @param {{ passed: number, failed: number, skipped: number }} totals */
export function totalsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** Why tests were skipped, a line for each reason. @param {string[]} skips */
export function skipLines(skips) {
  const counts = new Map();
  for (const reason of skips) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} skipped: ${reason || "no reason is given"}\n`).join("");
}

/** tap compiles its plugin set once; without this the first run would do it, four seconds into the tests. */
async function prepare() {
  if (!existsSync(tap[0] ?? "")) return;
  const result = await run([modernNode(), ...tap, "build"], { env: { TAP_RCFILE: `${checkout}/.taprc` } });
  if (result.code !== 0) process.stderr.write(result.output);
  process.exitCode = result.code;
}

/** @param {string[]} args */
async function main(args) {
  const files = args.flatMap((arg) => (arg.endsWith(".ts") ? [arg] : testFiles(arg)));
  const totals = await runTap(args[0]?.replaceAll("/", "-") ?? "none", files, { show: true });
  if (totals.failures !== "") process.stdout.write(`\n${totals.failures}\n`);
  process.stdout.write(`${skipLines(totals.skips)}${totalsLine(totals)}\n`);
  process.exitCode = totals.failed === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv[2] === "--prepare" ? prepare() : main(process.argv.slice(2)));
