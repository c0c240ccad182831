// The name server under load: `npm run bench -- --scenarios names`. dnsperf(1) in a container asks 127.0.0.11 for 1,000 names of its network: as many
// as it can, and then 20,000 a second, whose latency is what is looked at. The server and what relays to it share the machine with dnsperf.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkout } from "../entry/node-version.mjs";
import { findProgram, makeProgramImage, output } from "./program-image.mjs";

const containers = 10;
const namesEach = 100;
const seconds = 5;
const rateGoal = 20_000;
const medianGoalMs = 1;

/** @typedef {{ queriesPerSecond: number, lost: number, wrong: number, medianMs: number }} Load */

/**
 * What dnsperf -v prints: a line for each answer with its latency in seconds, then statistics. Pure.
 * @param {string} text @returns {Load}
 */
export function parseDnsperf(text) {
  const latencies = [...text.matchAll(/^> \w+ \S+ \w+ ([\d.]+)$/gm)].map(([, value]) => Number(value)).sort((a, b) => a - b);
  const number = (/** @type {RegExp} */ pattern) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const completed = number(/Queries completed: +(\d+)/);
  const right = number(/NOERROR (\d+)/);
  return {
    queriesPerSecond: number(/Queries per second: +([\d.]+)/),
    lost: number(/Queries lost: +(\d+)/),
    wrong: completed - (Number.isNaN(right) ? 0 : right),
    medianMs: (latencies[Math.floor(latencies.length / 2)] ?? Number.NaN) * 1000,
  };
}

/**
 * Lines of the report. Pure.
 * @param {Load} most without a limit @param {Load} steady at the goal's rate @param {number} share of one processor the server took then
 */
export function renderNames(most, steady, share) {
  const fine = (/** @type {boolean} */ holds) => (holds ? "reached" : "MISSED");
  const faults = (/** @type {Load} */ { lost, wrong }) => `${lost} lost, ${wrong} not found`;
  const kept = most.queriesPerSecond >= rateGoal && most.wrong === 0;
  const quick = steady.medianMs < medianGoalMs && steady.lost === 0 && steady.wrong === 0 && steady.queriesPerSecond >= rateGoal * 0.99;
  return [
    `names: ${containers * namesEach} of them, asked from a container`,
    `  as many as it can     ${most.queriesPerSecond.toFixed(0)} queries/s, ${faults(most)}; at least ${rateGoal}: ${fine(kept)}`,
    `  ${steady.queriesPerSecond.toFixed(0)} queries/s        median ${steady.medianMs.toFixed(3)} ms, ${faults(steady)}; under ${medianGoalMs} ms: ${fine(quick)}`,
    `  the server then took  ${(share * 100).toFixed(0)} % of one processor`,
  ];
}

/** The process that answers for a data root. @param {string} root @returns {number | undefined} */
function serverOf(root) {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.includes("dns") && words.includes("serve") && words.some((word) => word.includes(root));
    } catch {
      return false; // it has ended
    }
  });
  return found === undefined ? undefined : Number(found);
}

/** Time of the processor it has taken, in seconds. @param {number | undefined} pid */
function processorSeconds(pid) {
  if (pid === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** @returns {number} exit code */
export function benchNames() {
  const dnsperf = findProgram("dnsperf");
  if (dnsperf === undefined) {
    process.stdout.write("names: not measured, there is no dnsperf\n\n");
    return 0;
  }
  const work = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  const env = { ...process.env, TSNS_ROOT: `${work}/root` };
  const tsns = (/** @type {string[]} */ ...words) => output([`${checkout}/dist/tsns`, ...words], env);
  const busybox = findProgram("busybox") ?? "/bin/busybox";
  const nameOf = (/** @type {number} */ container, /** @type {number} */ at) => `name-${container}-${at}`;
  try {
    const all = Array.from({ length: containers * namesEach }, (_, at) => nameOf(Math.floor(at / namesEach), at % namesEach));
    writeFileSync(`${work}/queries`, all.map((name) => `${name} A\n`).join(""));
    tsns("import", makeProgramImage([dnsperf, busybox], work), "bench-names");
    tsns("network", "create", "bench-names");
    const idle = ["bench-names", busybox, "sleep", "1000"];
    for (let container = 0; container < containers; container++) {
      const aliases = Array.from({ length: namesEach }, (_, at) => ["--network-alias", nameOf(container, at)]).flat();
      tsns("run", "-d", "--name", `bench-names-${container}`, "--network", "bench-names", ...aliases, ...idle);
    }
    tsns("run", "-d", "--name", "bench-names-asker", "--network", "bench-names", "-v", `${work}/queries:/queries:ro`, ...idle);
    const ask = (/** @type {string[]} */ ...limit) =>
      parseDnsperf(
        tsns("exec", "bench-names-asker", dnsperf, "-s", "127.0.0.11", "-d", "/queries", "-c", "4", "-l", `${seconds}`, ...limit),
      );
    ask("-n", "1"); // the server is started by the first question
    const most = ask("-q", "100");
    const server = serverOf(`${work}/root`);
    const before = processorSeconds(server);
    const steady = ask("-Q", `${rateGoal}`, "-q", "1000", "-v");
    process.stdout.write(`${renderNames(most, steady, (processorSeconds(server) - before) / seconds).join("\n")}\n\n`);
    return 0;
  } finally {
    spawnSync(`${checkout}/dist/tsns`, ["system", "reset", "--force"], { env });
    rmSync(work, { recursive: true, force: true });
  }
}
