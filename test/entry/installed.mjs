// Whether node_modules and dist are there and up to date, and how they become so.
// Knows the lockfile and which folders the shipped command is built from; not how it is built.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { checkout, modernNode } from "./node-version.mjs";
import { runHere } from "./process.mjs";

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages */

/** @param {string} path @returns {Packages | undefined} */
function lockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** True when node_modules holds what the lockfile asks for; npm notes what it installed in a hidden lockfile. */
function modulesAreCurrent() {
  const wanted = lockedPackages(`${checkout}/package-lock.json`) ?? {};
  const installed = lockedPackages(`${checkout}/node_modules/.package-lock.json`);
  if (installed === undefined || !existsSync(`${checkout}/node_modules/.bin/node`)) return false;
  const names = new Set([...Object.keys(wanted), ...Object.keys(installed)].filter((name) => name !== ""));
  return [...names].every((name) => {
    const there = installed[name];
    return there === undefined
      ? wanted[name]?.optional === true
      : there.version === wanted[name]?.version && there.integrity === wanted[name]?.integrity;
  });
}

/** Time of the last change below a folder, in ms since the epoch. @param {string} path @returns {number} */
function changedMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changedMs(`${path}/${name}`)));
}

/** What the parts of dist are made of. */
const made = [
  { product: "dist/tsns", from: ["native"] },
  { product: "dist/tsns-sandbox", from: ["native"] },
  { product: "dist/main.cjs", from: ["src", "cmds", "tui", "package.json"] },
];

/** True when dist is younger than everything it is made of. */
function commandIsCurrent() {
  return made.every(
    ({ product, from }) => changedMs(`${checkout}/${product}`) >= Math.max(...from.map((name) => changedMs(`${checkout}/${name}`))),
  );
}

/**
 * Runs `npm ci` and builds dist where that is needed; ends the process with what failed otherwise.
 * @returns {string} path of Node 26
 */
export function ensureInstalled() {
  if (!modulesAreCurrent()) {
    process.stdout.write("npm ci: packages and the native helper, about a minute\n");
    if (runHere(["npm", "ci", "--loglevel=error"]) !== 0) {
      process.stderr.write("npm ci failed\n  hint: it needs a package mirror, and gcc or clang with a static C library\n");
      process.exit(1);
    }
  } else if (!commandIsCurrent()) {
    process.stdout.write("building dist/tsns\n");
    if (runHere(["npm", "run", "--silent", "install"]) !== 0) {
      process.stderr.write("building dist/tsns failed\n  hint: it needs gcc or clang with a static C library\n");
      process.exit(1);
    }
  }
  return modernNode();
}
