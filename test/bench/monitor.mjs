// Memory of the monitor of one container that does nothing, alone on the machine: `npm run bench -- --scenarios monitor`. With many of them the
// program's pages are shared, which bench.py's burst measures.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { checkout, modernNode } from "../entry/node-version.mjs";

const limitKb = 250;
const fixture = `${checkout}/test/fixture/busybox.ts`;
const pack = `import(${JSON.stringify(fixture)}).then(({ makeBusyboxTar }) => process.stdout.write(makeBusyboxTar()))`;

/** Proportional memory of a process in kB (smaps_rollup). @param {number} pid */
function pssKb(pid) {
  return Number(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(/^Pss: +(\d+) kB/m)?.[1]);
}

/** The process that started another one. @param {number} pid */
function parentOf(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^PPid:\t(\d+)/m)?.[1]);
}

/** @param {number} kb @returns {string} one line: what is, what is asked, whether it holds */
export function renderMonitor(kb) {
  return `monitor of a lone idle container: ${kb} kB PSS, at most ${limitKb}: ${kb <= limitKb ? "reached" : "MISSED"}`;
}

/** @returns {number} exit code */
export function benchMonitor() {
  const root = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  const env = { ...process.env, TSNS_ROOT: root };
  /** @param {string[]} args @param {Buffer} [input] */
  const tsns = (args, input) => {
    const { status, stdout, stderr } = spawnSync(`${checkout}/dist/tsns`, args, { env, ...(input ? { input } : {}) });
    if (status !== 0) throw new Error(`tsns ${args.join(" ")}: ${stderr}`);
    return stdout.toString().trim();
  };
  try {
    tsns(["import", "-", "busybox"], spawnSync(modernNode(), ["-e", pack], { maxBuffer: 1 << 26 }).stdout);
    tsns(["run", "-d", "--name", "idle", "--network", "none", "busybox", "sleep", "1000"]);
    const monitor = parentOf(Number(tsns(["inspect", "-f", "{{.State.Pid}}", "idle"])));
    // what it gives back when it has nothing to do it gives back after its first poll
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
    process.stdout.write(`${renderMonitor(pssKb(monitor))}\n`);
    return 0;
  } finally {
    spawnSync(`${checkout}/dist/tsns`, ["system", "reset", "--force"], { env });
    rmSync(root, { recursive: true, force: true });
  }
}
