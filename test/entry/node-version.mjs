// The first import of every script behind `npm run`: which Node runs it, and where Node 26 is.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Top of the checkout, without trailing slash. */
export const checkout = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

const major = Number(process.versions.node.split(".")[0]);
if (major < 18) {
  process.stderr.write(
    `tsns: Node ${process.versions.node} is too old to install with\n  hint: install Node 18 or newer; Node 26 then comes by npm\n`,
  );
  process.exit(1);
}
if (process.platform !== "linux") {
  process.stderr.write(`tsns: ${process.platform} has no namespaces and cgroups\n  hint: run it on Linux\n`);
  process.exit(1);
}

/**
 * Path of a Node of at least version 26: the one that npm installed here, else the one running this script.
 * Ends the process with a hint if neither will do (`npm ci --ignore-scripts` leaves the package without its program).
 * @returns {string}
 */
export function modernNode() {
  const installed = `${checkout}/node_modules/.bin/node`;
  if (existsSync(installed)) return installed;
  if (major >= 26) return process.execPath;
  process.stderr.write(
    `tsns: Node ${process.versions.node} is too old to run it\n  hint: run \`npm ci\` (without --ignore-scripts), which brings Node 26\n`,
  );
  process.exit(1);
}
