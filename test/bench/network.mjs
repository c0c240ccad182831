// Networks beside docker and podman: `npm run bench -- --scenarios network`. Throughput of a published port, from a neighbour on the LAN and from
// 127.0.0.1, and how long `network connect` and `disconnect` take. Docker's daemon runs without its proxy (--userland-proxy=false), so that the
// kernel alone carries the bytes for everybody. Also a script, which quiet.sh starts in namespaces of its own: `node network.mjs DIRECTORY`.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { checkout } from "../entry/node-version.mjs";
import { findProgram, makeProgramImage, output } from "./program-image.mjs";

const rounds = 5;
const secondsEach = 2;
const connectRounds = 15;
/** Two measurements of the same thing differ by as much. */
const noise = 0.03;
const port = 5201;
const lanAddress = "198.51.100.2";
const hostAddress = "198.51.100.1";

/** @typedef {{ name: string, argv: string[], env: Record<string, string | undefined>, port: number }} Actor */
/** @typedef {Record<string, number[]>} Samples  by engine */

/** @param {number[]} samples */
const median = (samples) => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/**
 * One line of the report. Pure.
 * @param {string} what @param {string} unit @param {Samples} samples @param {"high" | "low"} better @param {number} [goal] times docker's median
 */
export function renderSamples(what, unit, samples, better, goal) {
  const medians = Object.entries(samples).map(([name, list]) => /** @type {const} */ ([name, median(list)]));
  const shown = medians.map(([name, value]) => `${name} ${value.toFixed(1)}`).join("  ");
  const [ours, docker] = ["tsns", "docker"].map((name) => medians.find(([known]) => known === name)?.[1]);
  const line = `  ${what.padEnd(36)} ${shown} ${unit}`;
  if (ours === undefined || docker === undefined) return line;
  const ratio = ours / docker;
  if (goal === undefined) return `${line}  ${ratio.toFixed(2)}x docker`;
  const holds = better === "high" ? ratio >= goal - noise : ratio <= goal + noise;
  return `${line}  ${ratio.toFixed(2)}x docker, at ${better === "high" ? "least" : "most"} ${goal}x: ${holds ? "reached" : "MISSED"}`;
}

/** A neighbour on a link of its own, in a network namespace of its own. @returns {string[]} what a command there begins with */
function makeNeighbour() {
  const ip = findProgram("ip") ?? "ip";
  output([ip, "netns", "add", "lan"]);
  output([ip, "link", "add", "lan0", "type", "veth", "peer", "name", "eth0", "netns", "lan"]);
  output([ip, "addr", "add", `${hostAddress}/24`, "dev", "lan0"]);
  output([ip, "link", "set", "lan0", "up"]);
  output([ip, "-n", "lan", "addr", "add", `${lanAddress}/24`, "dev", "eth0"]);
  output([ip, "-n", "lan", "link", "set", "eth0", "up"]);
  return [ip, "netns", "exec", "lan"];
}

/** @param {string} work @param {string} image @returns {Actor[]} those that are here, each with a server behind a port of its own */
function startServers(work, image) {
  const all = [
    { name: "tsns", argv: [`${checkout}/dist/tsns`], env: { ...process.env, TSNS_ROOT: `${work}/root` } },
    { name: "docker", argv: ["docker"], env: process.env },
    { name: "podman", argv: ["podman"], env: process.env },
  ];
  const here = all.filter(({ name, argv }) => name === "tsns" || findProgram(argv[0] ?? "") !== undefined);
  return here.map((actor, at) => {
    const own = { ...actor, port: port + at };
    output([...own.argv, "import", image, "bench-net"], own.env);
    const iperf = findProgram("iperf3") ?? "iperf3";
    output(
      [...own.argv, "run", "-d", "--name", "bench-net", "-p", `${own.port}:${port}`, "bench-net", iperf, "-s", "-p", `${port}`],
      own.env,
    );
    return own;
  });
}

/** Gbit/s that arrive. @param {string[]} before @param {string} address @param {Actor} actor */
function throughput(before, address, actor) {
  const argv = [...before, findProgram("iperf3") ?? "iperf3", "-J", "-t", `${secondsEach}`, "-c", address, "-p", `${actor.port}`];
  /** @type {{ end: { sum_received: { bits_per_second: number } } }} */
  const report = JSON.parse(output(argv));
  return report.end.sum_received.bits_per_second / 1e9;
}

/** Engines in changing order. @param {Actor[]} actors @param {number} times @param {(actor: Actor) => number} measure @returns {Samples} */
function interleaved(actors, times, measure) {
  /** @type {Samples} */
  const samples = Object.fromEntries(actors.map(({ name }) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const actor of round % 2 === 0 ? actors : [...actors].reverse()) samples[actor.name]?.push(measure(actor));
  }
  return samples;
}

/** ms. @param {Actor} actor @param {string[]} words */
function timed({ argv, env }, words) {
  const start = process.hrtime.bigint();
  output([...argv, ...words], env);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** @param {Actor[]} actors */
function benchConnect(actors) {
  for (const { argv, env } of actors) output([...argv, "network", "create", "bench-other"], env);
  /** @type {Samples} */
  const left = Object.fromEntries(actors.map(({ name }) => [name, []]));
  const joined = interleaved(actors, connectRounds, (actor) => {
    const ms = timed(actor, ["network", "connect", "bench-other", "bench-net"]);
    left[actor.name]?.push(timed(actor, ["network", "disconnect", "bench-other", "bench-net"]));
    return ms;
  });
  return [renderSamples("connect a running container", "ms", joined, "low"), renderSamples("disconnect it", "ms", left, "low")];
}

/** @param {string} work @returns {number} exit code */
function measureHere(work) {
  const image = makeProgramImage([findProgram("iperf3") ?? ""], work);
  const neighbour = makeNeighbour();
  const actors = startServers(work, image);
  try {
    process.stdout.write("networks\n");
    const lan = interleaved(actors, rounds, (actor) => throughput(neighbour, hostAddress, actor));
    process.stdout.write(`${renderSamples("published port, from the LAN", "Gbit/s", lan, "high", 1)}\n`);
    const own = interleaved(actors, rounds, (actor) => throughput([], "127.0.0.1", actor));
    process.stdout.write(`${renderSamples("published port, from 127.0.0.1", "Gbit/s", own, "high", 1)}\n`);
    // podman's containers of the default network join no other one
    const movable = actors.filter(({ name }) => name !== "podman");
    process.stdout.write(`${benchConnect(movable).join("\n")}\n\n`);
    return 0;
  } finally {
    for (const { argv, env } of actors) spawnSync(argv[0] ?? "", [...argv.slice(1), "rm", "-f", "bench-net"], { env });
    spawnSync(`${checkout}/dist/tsns`, ["system", "reset", "--force"], { env: { ...process.env, TSNS_ROOT: `${work}/root` } });
  }
}

/** @param {string} folder of quiet.sh @returns {number} exit code */
export function benchNetwork(folder) {
  const missing = ["iperf3", "ip"].filter((program) => findProgram(program) === undefined);
  if (missing.length > 0 || !existsSync(`${folder}/quiet.sh`)) {
    process.stdout.write(`networks: not measured, there is no ${missing.join(", ") || `${folder}/quiet.sh`}\n\n`);
    return 0;
  }
  const work = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  try {
    // quiet.sh starts the first dockerd of PATH
    mkdirSync(`${work}/bin`);
    const dockerd = findProgram("dockerd");
    if (dockerd !== undefined) {
      writeFileSync(`${work}/bin/dockerd`, `#!/bin/sh\nexec ${dockerd} --userland-proxy=false "$@"\n`);
      chmodSync(`${work}/bin/dockerd`, 0o755);
    }
    const env = { ...process.env, PATH: `${work}/bin:${process.env.PATH}:/usr/sbin:/sbin` };
    const argv = [process.execPath, fileURLToPath(import.meta.url), work];
    return spawnSync(`${folder}/quiet.sh`, argv, { stdio: "inherit", env }).status ?? 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = measureHere(process.argv[2] ?? "");
