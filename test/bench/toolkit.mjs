// The toolkit's listings beside the classic tools: `npm run bench -- --scenarios toolkit`. Each case runs in namespaces of its own, so
// that the machine is left as it was. Also a script: `node toolkit.mjs CASE` measures one case where it is started.
//
// What is printed for a case: the medians of bare Node, the classic tool and tsns in interleaved rounds, their ratio against its limit,
// and how tsns grows from a quarter of the size to the whole: 4 times as much work at most 4 times the time above Node's, give or take.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { checkout, modernNode } from "../entry/node-version.mjs";
import { hasProgram } from "../entry/process.mjs";

/** @typedef {import("./toolkit/case.mjs").Case} Case */
/** @typedef {{ size: number, bareMs: number, classicMs: number, oursMs: number }} Measured */

/** Case files, in the order of the report. */
const caseNames = ["net-show", "ns-ls", "cgroup-tree", "net-rules"];
const defaultLimit = 1.5;
/** Noise of a measurement that is no growth. */
const growthLimit = 5;
const rounds = 15;

/** @param {string} name @returns {Promise<Case | undefined>} undefined: not in this checkout */
async function loadCase(name) {
  const file = new URL(`./toolkit/${name}.mjs`, import.meta.url);
  return existsSync(file) ? (await import(file.href)).toolkitCase : undefined;
}

/** @param {string[]} argv @param {Record<string, string | undefined>} env @returns {number} wall time in ms */
function timed(argv, env) {
  const start = process.hrtime.bigint();
  const result = spawnSync(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", "ignore", "pipe"], env });
  const tookMs = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${argv.join(" ")}: ${result.error?.message ?? result.stderr}`);
  return tookMs;
}

/** @param {number[]} samples */
const median = (samples) => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/** @param {Case} given @param {number} size @param {string} work an empty directory @returns {Promise<Measured>} */
async function measure(given, size, work) {
  const env = { ...process.env, TSNS_ROOT: `${work}/root`, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  writeFileSync(`${work}/empty.cjs`, "");
  const remove = await given.prepare(size);
  try {
    const argvs = [[modernNode(), `${work}/empty.cjs`], given.classic(), [`${checkout}/dist/tsns`, ...given.ours]];
    const actors = argvs.map((argv) => ({ argv, samples: /** @type {number[]} */ ([]) }));
    for (const { argv } of actors) timed(argv, env);
    for (let round = 0; round < rounds; round++) {
      for (const { argv, samples } of round % 2 === 0 ? actors : [...actors].reverse()) samples.push(timed(argv, env));
    }
    const [bareMs = 0, classicMs = 0, oursMs = 0] = actors.map(({ samples }) => median(samples));
    return { size, bareMs, classicMs, oursMs };
  } finally {
    remove();
  }
}

/**
 * Lines of the report. Pure.
 * @param {Pick<Case, "what" | "limit">} given @param {Measured} quarter @param {Measured} whole
 */
export function renderCase({ what, limit = defaultLimit }, quarter, whole) {
  const ms = (/** @type {number} */ value) => value.toFixed(1).padStart(7);
  const line = (/** @type {Measured} */ { size, bareMs, classicMs, oursMs }) =>
    `  ${String(size).padStart(6)}  bare Node ${ms(bareMs)}  classic ${ms(classicMs)}  tsns ${ms(oursMs)} ms`;
  const ratio = whole.oursMs / (whole.classicMs + whole.bareMs);
  const above = (/** @type {Measured} */ { oursMs, bareMs }) => Math.max(oursMs - bareMs, 0.1);
  const growth = above(whole) / above(quarter);
  return [
    what,
    line(quarter),
    line(whole),
    `  ${ratio.toFixed(2)}x (classic + bare Node), at most ${limit}x: ${ratio <= limit ? "reached" : "MISSED"}`,
    `  ${growth.toFixed(1)}x the time above Node for 4x the size, at most ${growthLimit}x: ${growth <= growthLimit ? "reached" : "MISSED"}`,
  ];
}

/** @param {string} name @returns {Promise<number>} exit code */
async function measureHere(name) {
  const given = await loadCase(name);
  if (given === undefined) return 2;
  const work = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  try {
    const quarter = await measure(given, given.size / 4, work);
    const whole = await measure(given, given.size, work);
    process.stdout.write(`${renderCase(given, quarter, whole).join("\n")}\n\n`);
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Runs the cases a scenario list names: "toolkit" is all of them, "toolkit-net-show" one.
 * @param {string[]} scenarios @returns {Promise<number>} exit code
 */
export async function benchToolkit(scenarios) {
  const script = fileURLToPath(import.meta.url);
  for (const name of caseNames.filter((name) => scenarios.includes("toolkit") || scenarios.includes(`toolkit-${name}`))) {
    const given = await loadCase(name);
    if (given === undefined) continue;
    const missing = given.programs.filter((program) => !hasProgram(program));
    if (missing.length > 0) {
      process.stdout.write(`${given.what}: not measured, this host has no ${missing.join(", ")}\n\n`);
      continue;
    }
    // sysfs shows the links of the network namespace it was mounted in: mounted anew, with the cgroups below it put back
    const shell =
      'd=$(mktemp -d) && mount --move /sys/fs/cgroup $d && mount -t sysfs sysfs /sys && mount --move $d /sys/fs/cgroup && rmdir $d || exit 1; "$@"; exit $?';
    const flags = ["--mount", ...given.namespaces, "--fork", "--kill-child"];
    const argv = [...flags, ...(given.namespaces.includes("--net") ? ["/bin/sh", "-c", shell, "sh"] : []), process.execPath, script, name];
    const { status } = spawnSync("unshare", argv, { stdio: "inherit" });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await measureHere(process.argv[2] ?? "");
