// What the dashboard costs: `npm run bench -- --scenarios tui`. The shipped one in a terminal, with 50 containers that run: its CPU time while they
// work and while nothing changes, memory and how it grows, the first full screen, and how fast it answers a key with 500 containers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { checkout, modernNode } from "../entry/node-version.mjs";
import { openControlTerminal } from "./control-terminal.mjs";
import { renderTui } from "./goal.mjs";
import { findProgram } from "./program-image.mjs";

const running = 50;
const all = 500;
const screen = { columns: 160, rows: 50 };
const seconds = 30;
const keys = 60;
/**
 * For its growth: what it does in an hour, ten times as fast. What is dead is collected about every 1,500 samples, so that less than several such
 * rounds says nothing.
 */
const fast = { refresh: "100ms", everyMs: 100, warmMs: 180_000, spanMs: 300_000 };
/** At one a second. */
const samplesAnHour = 3600;

const pack = `import(${JSON.stringify(`${checkout}/test/fixture/busybox.ts`)}).then(({ makeBusyboxTar }) => process.stdout.write(makeBusyboxTar()))`;
/** Each counts a little and prints a line, once a second. */
const work = "while :; do i=0; while [ $i -lt 500 ]; do i=$((i+1)); done; echo $i; sleep 1; done";

/** CPU time of all threads, ms (/proc/PID/task/TID/schedstat). @param {number} pid */
function cpuMs(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]), 0) / 1e6;
}

/** Its own memory, which no other process shares, MB (RssAnon of proc_pid_status(5)). @param {number} pid */
const ownMb = (pid) => Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** @param {number} pid */
const pssMb = (pid) => Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024;

/** Percent of a core. @param {number} pid @param {number} ms */
async function cpuPercent(pid, ms) {
  const [before, from] = [cpuMs(pid), performance.now()];
  await delay(ms);
  return ((cpuMs(pid) - before) / (performance.now() - from)) * 100;
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Time from a key to the first change of the screen, ms. @param {import("./control-terminal.mjs").Program} program */
async function answers(program) {
  /** @type {number[]} */
  const times = [];
  for (let at = 0; at < keys; at++) {
    await delay(130 + (at % 7) * 20);
    const fromMs = performance.now();
    const outputs = program.press(at % 20 < 10 ? "Down" : "Up");
    while (outputs.length === 0) await delay(1);
    times.push((outputs[0]?.atMs ?? 0) - fromMs);
  }
  return times;
}

/** @param {string} root */
function openTsns(root) {
  const env = { ...process.env, TSNS_ROOT: root };
  /** @param {string[]} args @param {Buffer} [input] */
  return (args, input) => {
    const { status, stdout, stderr } = spawnSync(`${checkout}/dist/tsns`, args, { env, ...(input ? { input } : {}) });
    if (status !== 0) throw new Error(`tsns ${args.join(" ")}: ${stderr}`);
    return stdout.toString().trim();
  };
}

/** @returns {Promise<number>} exit code */
export async function benchTui() {
  if (findProgram("tmux") === undefined) {
    process.stdout.write("dashboard: not measured, there is no tmux\n\n");
    return 0;
  }
  const root = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  const tsns = openTsns(root);
  const terminal = await openControlTerminal(screen.columns, screen.rows);
  /** @param {string} [options] */
  const open = (options = "") =>
    terminal.run(`env TSNS_ROOT=${root} XDG_STATE_HOME=/dev/null LANG=C.UTF-8 ${checkout}/dist/tsns tui ${options}`);
  /** @type {Record<string, number>} */
  const found = {};
  try {
    tsns(["import", "-", "busybox"], spawnSync(modernNode(), ["-e", pack], { maxBuffer: 1 << 26 }).stdout);
    const names = Array.from({ length: running }, (_, at) => `run${at}`);
    for (const name of names) tsns(["run", "-d", "--name", name, "--network", "none", "busybox", "sh", "-c", work]);
    /** @type {number[]} */
    const paints = [];
    for (let round = 0; round < 5; round++) {
      const program = await open();
      paints.push((await program.until((text) => text.includes(`run${running - 1}`) && text.includes("help"))) - program.startedMs);
      process.kill(program.pid, "SIGTERM");
      await delay(500);
    }
    found.paintMs = median(paints);
    const program = await open();
    await delay(5000);
    found.workingPercent = await cpuPercent(program.pid, seconds * 1000);
    found.pssMb = pssMb(program.pid);
    tsns(["pause", ...names]);
    await delay(12_000);
    found.idlePercent = await cpuPercent(program.pid, seconds * 1000);
    tsns(["unpause", ...names]);
    process.kill(program.pid, "SIGTERM");
    const quick = await open(`--refresh ${fast.refresh}`);
    await delay(fast.warmMs);
    const before = ownMb(quick.pid);
    await delay(fast.spanMs);
    found.growthMb = ((ownMb(quick.pid) - before) / (fast.spanMs / fast.everyMs)) * samplesAnHour;
    process.kill(quick.pid, "SIGTERM");
    for (let at = running; at < all; at++) tsns(["create", "--name", `made${at}`, "--network", "none", "busybox", "true"]);
    const many = await open();
    await many.until((text) => text.includes(`made${all - 1}`) && text.includes("help"));
    await delay(2000);
    const times = await answers(many);
    found.keyMs = median(times);
    found.slowestKeyMs = Math.max(...times);
    found.pssManyMb = pssMb(many.pid);
    process.kill(many.pid, "SIGTERM");
    process.stdout.write(`${renderTui(found).join("\n")}\n\n`);
    return 0;
  } finally {
    terminal.close();
    spawnSync(`${checkout}/dist/tsns`, ["system", "reset", "--force"], { env: { ...process.env, TSNS_ROOT: root } });
    rmSync(root, { recursive: true, force: true });
  }
}
