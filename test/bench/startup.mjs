// What a command costs before it does anything: `tsns --version` beside an empty script of the same Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkout, modernNode } from "../entry/node-version.mjs";

/** @param {string[]} argv @returns {number} wall time in ms */
function timed(argv) {
  const start = process.hrtime.bigint();
  const result = spawnSync(argv[0] ?? "", argv.slice(1), { stdio: "ignore" });
  const tookMs = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${argv.join(" ")}: ${result.error?.message ?? `exit code ${result.status}`}`);
  return tookMs;
}

/** @param {number[]} samples */
const median = (samples) => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/**
 * Interleaved, in changing order, so that a change of the machine's speed hits both.
 * @param {number} rounds
 * @returns {{ name: string, minMs: number, medianMs: number }[]} bare Node first
 */
export function measureStartup(rounds) {
  const folder = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  writeFileSync(`${folder}/empty.cjs`, "");
  const actors = [
    { name: "bare Node 26", argv: [modernNode(), `${folder}/empty.cjs`], samples: /** @type {number[]} */ ([]) },
    { name: "tsns --version", argv: [`${checkout}/dist/tsns`, "--version"], samples: /** @type {number[]} */ ([]) },
  ];
  for (const actor of actors) timed(actor.argv);
  for (let round = 0; round < rounds; round++) {
    for (const actor of round % 2 === 0 ? actors : [...actors].reverse()) actor.samples.push(timed(actor.argv));
  }
  rmSync(folder, { recursive: true });
  return actors.map(({ name, samples }) => ({ name, minMs: Math.min(...samples), medianMs: median(samples) }));
}
