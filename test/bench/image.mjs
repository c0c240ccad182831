// Images beside the tools that do the same work: `npm run bench -- --scenarios image`. Unpacking beside `tar -xzf` of the same layer, the
// list of 500 images beside a bare start of Node, and the most memory an import takes. Engines beside each other are bench.py's (load,
// registry). Everything lies in a directory of its own.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkout, modernNode } from "../entry/node-version.mjs";

const rounds = 5;
const unpackLimit = 1.5;
const listLimit = 2;
const memoryLimitMb = 200;

/** @param {string[]} argv @param {Record<string, string>} [env] @returns {number} wall time in ms */
function timed(argv, env = {}) {
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(argv[0] ?? "", argv.slice(1), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  const tookMs = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${error?.message ?? stderr}`);
  return tookMs;
}

/** @param {number[]} samples */
const median = (samples) => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/** Bytes that compress to about half, as programs do; the same in every run. @param {number} size @param {number} seed */
function blob(size, seed) {
  const bytes = Buffer.alloc(size);
  let state = seed + 1;
  for (let at = 0; at + 8 <= size; at += 8) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

/** @param {string} name @param {string} work @param {(directory: string) => void} fill @returns {string} a layer.tar.gz */
function makeLayer(name, work, fill) {
  const directory = `${work}/${name}`;
  mkdirSync(directory);
  fill(directory);
  timed(["tar", "-C", directory, "-czf", `${directory}.tar.gz`, "."]);
  rmSync(directory, { recursive: true });
  return `${directory}.tar.gz`;
}

/** @param {string} work @returns {{ what: string, path: string }[]} */
function makeLayers(work) {
  return [
    {
      what: "300 MB in 6 files",
      path: makeLayer("big", work, (directory) => {
        for (let at = 0; at < 6; at++) writeFileSync(`${directory}/big${at}`, blob(50_000_000, at));
      }),
    },
    {
      what: "20,000 small files",
      path: makeLayer("small", work, (directory) => {
        for (let at = 0; at < 200; at++) {
          mkdirSync(`${directory}/d${at}`);
          for (let file = 0; file < 100; file++)
            writeFileSync(`${directory}/d${at}/f${file}`, blob(100 + ((at * 977 + file * 331) % 7900), at));
        }
      }),
    },
  ];
}

/** @param {{ what: string, path: string }} layer @param {string} work @param {string} command */
function benchUnpack({ what, path }, work, command) {
  const env = { TSNS_ROOT: `${work}/root` };
  const samples = { bare: /** @type {number[]} */ ([]), tar: /** @type {number[]} */ ([]), tsns: /** @type {number[]} */ ([]) };
  for (let round = 0; round < rounds; round++) {
    mkdirSync(`${work}/plain`);
    samples.tar.push(timed(["tar", "-xzf", path, "-C", `${work}/plain`]));
    rmSync(`${work}/plain`, { recursive: true });
    samples.tsns.push(timed([command, "import", path, "bench"], env));
    timed([command, "rmi", "bench"], env);
    samples.bare.push(timed([modernNode(), `${work}/empty.cjs`]));
  }
  const [bare, tar, tsns] = [median(samples.bare), median(samples.tar), median(samples.tsns)];
  const ratio = (tsns - bare) / tar;
  const verdict = ratio <= unpackLimit ? "reached" : "MISSED";
  return `  unpack ${what.padEnd(20)} tar -xzf ${tar.toFixed(0).padStart(5)}  tsns import ${tsns.toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)}x without Node's start, at most ${unpackLimit}x: ${verdict}`;
}

/** Most resident memory while a command runs, in MB. @param {string[]} argv @param {Record<string, string>} env @returns {Promise<number>} */
function peakMemory(argv, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: "ignore", env: { ...process.env, ...env } });
    let peak = 0;
    const look = setInterval(() => {
      try {
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1000);
      } catch {
        // it has ended
      }
    }, 5);
    child.on("close", (code) => {
      clearInterval(look);
      if (code === 0) resolve(peak);
      else reject(new Error(`${argv.join(" ")}: exit code ${code}`));
    });
  });
}

/** 500 images of one layer, as docker save would write them. @param {string} work */
function makeManyImages(work) {
  const directory = `${work}/many`;
  mkdirSync(directory);
  timed(["tar", "-C", directory, "-cf", `${work}/layer.tar`, "."]);
  const layer = readFileSync(`${work}/layer.tar`);
  writeFileSync(`${directory}/layer.tar`, layer);
  const diffId = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const manifest = Array.from({ length: 500 }, (_, at) => {
    const created = new Date(1_600_000_000_000 + at * 1000).toISOString();
    const config = { architecture: "amd64", os: "linux", created, config: {}, rootfs: { type: "layers", diff_ids: [diffId] } };
    writeFileSync(`${directory}/${at}.json`, JSON.stringify(config));
    return { Config: `${at}.json`, RepoTags: [`bench/image${at}:latest`], Layers: ["layer.tar"] };
  });
  writeFileSync(`${directory}/manifest.json`, JSON.stringify(manifest));
  timed(["tar", "-C", directory, "-cf", `${work}/many.tar`, "."]);
  return `${work}/many.tar`;
}

/** @param {string} work @param {string} command */
function benchList(work, command) {
  const env = { TSNS_ROOT: `${work}/many-root` };
  timed([command, "load", "-i", makeManyImages(work)], env);
  const [bare, tsns] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (let round = 0; round < rounds * 4; round++) {
    bare.push(timed([modernNode(), `${work}/empty.cjs`]));
    tsns.push(timed([command, "images"], env));
  }
  timed([command, "system", "reset", "--force"], env);
  const ratio = median(tsns) / median(bare);
  const verdict = ratio <= listLimit ? "reached" : "MISSED";
  return `  images with 500         bare Node ${median(bare).toFixed(1)}  tsns ${median(tsns).toFixed(1)} ms  ${ratio.toFixed(2)}x, at most ${listLimit}x: ${verdict}`;
}

/** Prints the report. @returns {Promise<number>} exit code */
export async function benchImage() {
  const work = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  const command = `${checkout}/dist/tsns`;
  const env = { TSNS_ROOT: `${work}/root` };
  try {
    writeFileSync(`${work}/empty.cjs`, "");
    process.stdout.write("images\n");
    const layers = makeLayers(work);
    for (const layer of layers) process.stdout.write(`${benchUnpack(layer, work, command)}\n`);
    const peak = await peakMemory([command, "import", layers[0]?.path ?? "", "bench"], env);
    process.stdout.write(
      `  memory of that import   ${peak.toFixed(0)} MB at most, at most ${memoryLimitMb}: ${peak <= memoryLimitMb ? "reached" : "MISSED"}\n`,
    );
    process.stdout.write(`${benchList(work, command)}\n\n`);
    return 0;
  } finally {
    timed([command, "system", "reset", "--force"], env);
    rmSync(work, { recursive: true, force: true });
  }
}
