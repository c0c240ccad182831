// Starts programs for the scripts behind `npm run`. Knows nothing of what they are for.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { checkout } from "./node-version.mjs";

/**
 * @typedef {object} Result
 * @property {number} code exit code; 128 + signal when a signal ended it, 127 when it could not be started
 * @property {string} output standard output and standard error as they came
 */

const signalNumbers = /** @type {Record<string, number>} */ ({ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGTERM: 15 });

/**
 * Runs a program in the checkout with npm's programs first in PATH and collects what it says. A process that it left behind may have its
 * output open for ever: when the program has ended, that is waited for as long as something comes.
 * @param {string[]} argv
 * @param {{ env?: Record<string, string>, show?: boolean, silenceMs?: number }} [options] show: pass the output through as well
 * @returns {Promise<Result>}
 */
export function run(argv, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(argv[0] ?? "", argv.slice(1), {
      cwd: checkout,
      env: { ...process.env, PATH: `${checkout}/node_modules/.bin:${process.env.PATH ?? ""}`, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let hasEnded = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const stopReading = () => {
      const before = output.length;
      // what came while this process itself stood still is read first
      setImmediate(() => output.length === before && [child.stdout, child.stderr].map((stream) => stream.destroy()));
    };
    const awaitSilence = () => {
      clearTimeout(timer);
      timer = setTimeout(stopReading, options.silenceMs ?? 10_000);
    };
    const collect = (/** @type {NodeJS.WriteStream} */ stream) => (/** @type {string} */ text) => {
      output += text;
      if (options.show) stream.write(text);
      if (hasEnded) awaitSilence();
    };
    child.stdout.setEncoding("utf8").on("data", collect(process.stdout));
    child.stderr.setEncoding("utf8").on("data", collect(process.stderr));
    child.on("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on("exit", () => {
      hasEnded = true;
      awaitSilence();
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? 128 + (signalNumbers[signal ?? ""] ?? 0), output });
    });
  });
}

/**
 * Runs a program with this script's own terminal.
 * @param {string[]} argv
 * @param {Record<string, string>} [env]
 * @returns {number} exit code
 */
export function runHere(argv, env = {}) {
  const result = spawnSync(argv[0] ?? "", argv.slice(1), {
    cwd: checkout,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.error) process.stderr.write(`${argv[0]}: ${result.error.message}\n`);
  return result.status ?? 1;
}

/**
 * What a program prints, or undefined when it is missing or fails.
 * @param {string[]} argv
 * @returns {string | undefined}
 */
export function read(argv) {
  const result = spawnSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8", maxBuffer: 1 << 28 });
  return result.status === 0 ? result.stdout : undefined;
}

/**
 * True when a program of that name is in PATH or in the administrator's directories, which are not in every PATH.
 * @param {string} name
 */
export function hasProgram(name) {
  const directories = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`.split(":");
  return directories.some((directory) => {
    try {
      accessSync(`${directory}/${name}`, constants.X_OK);
      return directory !== "";
    } catch {
      return false;
    }
  });
}
