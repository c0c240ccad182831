// Images beside the tools that do the same work: `npm run bench -- --scenarios image`. Unpacking beside `tar -xzf` of the same layer, the
// list of 500 images beside a bare start of Node, the most memory an import takes, and a pull from an own registry beside one from
// docker-registry. Engines beside each other are bench.py's (load, registry). Everything lies in a directory of its own.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
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

/** A server in the background, once it listens. @param {string[]} argv @param {string} url @param {Record<string, string>} [env] */
async function serve(argv, url, env = {}) {
  const child = spawn(argv[0] ?? "", argv.slice(1), { stdio: "ignore", env: { ...process.env, ...env } });
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await fetch(`${url}/v2/`).catch(() => undefined);
    if (answer?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error(`${argv.join(" ")} does not listen on ${url}`);
}

/** A port nobody listens on now. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Pull of one layer: MB of its file a second, without a goal. @param {string} path @param {string} work @param {string} command */
async function benchRegistry(path, work, command) {
  const env = { TSNS_ROOT: `${work}/pull-root` };
  const megabytes = statSync(path).size / 1e6;
  timed([command, "import", path, "local"], env);
  const ports = [await freePort(), await freePort()];
  const [own, other] = ports.map((port) => `127.0.0.1:${port}`);
  const storage = { filesystem: { rootdirectory: `${work}/docker-registry` } };
  writeFileSync(`${work}/registry.yml`, JSON.stringify({ version: 0.1, storage, http: { addr: other }, log: { level: "error" } }));
  const served = { TSNS_ROOT: `${work}/serve-root` };
  const servers = [
    await serve([command, "registry", "serve", "-q", "-l", own ?? ""], `http://${own}`, served),
    await serve(["docker-registry", "serve", `${work}/registry.yml`], `http://${other}`),
  ];
  try {
    const lines = [];
    for (const [what, host] of [
      ["registry serve", own],
      ["docker-registry", other],
    ]) {
      const name = `${host}/bench:1`;
      timed([command, "tag", "local", name], env);
      timed([command, "push", "-q", name], env);
      const pulls = [];
      for (let round = 0; round < 3; round++) {
        const root = { TSNS_ROOT: `${work}/pull-${round}` };
        pulls.push(timed([command, "pull", "-q", name], root));
        timed([command, "system", "reset", "--force"], root);
      }
      lines.push(
        `  ${String(what).padEnd(23)} pull ${(megabytes / (median(pulls) / 1000)).toFixed(0).padStart(4)} MB/s of ${megabytes.toFixed(0)} MB compressed`,
      );
    }
    return lines.join("\n");
  } finally {
    await Promise.all(
      servers.map((server) => {
        const ended = new Promise((resolve) => server.once("close", resolve));
        server.kill();
        return ended;
      }),
    );
    for (const root of [env, served]) timed([command, "system", "reset", "--force"], root);
  }
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
    process.stdout.write(`${benchList(work, command)}\n`);
    process.stdout.write(`${await benchRegistry(layers[0]?.path ?? "", work, command)}\n\n`);
    return 0;
  } finally {
    timed([command, "system", "reset", "--force"], env);
    rmSync(work, { recursive: true, force: true });
  }
}
