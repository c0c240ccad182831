// An image of programs of this host with the libraries they load, as a tar that every engine imports.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** @param {string[]} argv @returns {string} what it prints; throws with what it says when it fails */
export function output(argv, /** @type {Record<string, string | undefined>} */ env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(argv[0] ?? "", argv.slice(1), { env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Where a program is, undefined when the host has none. @param {string} name @returns {string | undefined} */
export function findProgram(name) {
  const { status, stdout } = spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Libraries and the loader, as ldd(1) names them; it fails for a static program, which has none. @param {string} program */
function librariesOf(program) {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}

/** @param {readonly string[]} programs paths @param {string} work a directory of its own @returns {string} the tar */
export function makeProgramImage(programs, work) {
  const tree = `${work}/program-image`;
  for (const path of new Set([...programs, ...programs.flatMap(librariesOf)])) {
    mkdirSync(`${tree}${dirname(path)}`, { recursive: true });
    copyFileSync(path, `${tree}${path}`);
  }
  mkdirSync(`${tree}/tmp`);
  chmodSync(`${tree}/tmp`, 0o1777);
  mkdirSync(`${tree}/etc`, { recursive: true });
  writeFileSync(`${tree}/etc/passwd`, "root:x:0:0:root:/:/bin/sh\n");
  output(["tar", "-C", tree, "-cf", `${work}/program-image.tar`, "."]);
  rmSync(tree, { recursive: true });
  return `${work}/program-image.tar`;
}
