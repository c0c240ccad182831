// `npm run check`: everything that needs no root, in two lanes side by side, with a line and a time per step.
// Knows which programs check what; not what they look at.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkout, modernNode } from "./node-version.mjs";
import { run } from "./process.mjs";
import { runTap, testFiles, totalsLine } from "./tap.mjs";

/** @typedef {import("./tap.mjs").Totals} Totals */
/** @typedef {{ name: string, argv: string[] }} Step */

/** Cheapest first, so that a slip of the pen is told at once. @returns {Step[]} */
function steps() {
  const node = modernNode();
  return [
    { name: "format and lint", argv: ["biome", "check", "--error-on-warnings"] },
    { name: "types", argv: ["tsc", "--noEmit"] },
    { name: "man pages", argv: [node, "cmds/man.ts", "--check"] },
    { name: "C warnings", argv: [node, "native/build.mjs", "--check"] },
    { name: "C unit tests", argv: [node, "native/build.mjs", "--test"] },
  ];
}

/** @param {string} name @param {boolean} ok @param {number} startMs @param {string} [note] */
function printStep(name, ok, startMs, note = "") {
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`${ok ? "ok    " : "FAILED"} ${seconds} s  ${name}${note === "" ? "" : `: ${note}`}\n`);
}

/** Runs steps one after the other up to the first that fails. @param {Step[]} list @returns {Promise<boolean>} */
async function runSteps(list) {
  for (const step of list) {
    const startMs = Date.now();
    const { code, output } = await run(step.argv);
    printStep(step.name, code === 0, startMs, /^not checked .*/m.exec(output)?.[0]);
    if (code === 0) continue;
    process.stdout.write(`\n$ ${step.argv.join(" ")}\n${output}\n`);
    return false;
  }
  return true;
}

/** @returns {Promise<Totals>} */
async function runUnitTests() {
  const startMs = Date.now();
  const files = testFiles("unit");
  const totals = await runTap("unit", files);
  printStep("unit tests", totals.failed === 0, startMs, `${files.length} files, ${totalsLine(totals)}`);
  if (totals.failed > 0) process.stdout.write(`\n${totals.failures}\n`);
  return totals;
}

/** All of it. @returns {Promise<{ ok: boolean, totals: Totals }>} totals: of the unit tests */
export async function check() {
  const [stepsPassed, totals] = await Promise.all([runSteps(steps()), runUnitTests()]);
  return { ok: stepsPassed && totals.failed === 0, totals };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(`${checkout}/node_modules/.bin/biome`)) {
    process.stderr.write("tsns: the tools that check are not installed\n  hint: run `npm ci`\n");
    process.exit(1);
  }
  const startMs = Date.now();
  const { ok } = await check();
  printStep("check", ok, startMs);
  process.exitCode = ok ? 0 : 1;
}
