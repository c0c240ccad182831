// What a test that was killed (tap's time limit) could not take apart any more: its data root with containers, groups, rules and bridges.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "./node-version.mjs";
import { run } from "./process.mjs";

/** Begins the name of a test's data root; the test's process id follows (test/fixture/data-root.ts). */
export const rootPrefix = "tsns-test-";

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * Data roots of tests that are no more, in `directory`.
 * @param {string} directory
 * @param {(pid: number) => boolean} alive
 */
export function forsakenRoots(directory, alive = isAlive) {
  return readdirSync(directory)
    .filter((name) => {
      const pid = Number(name.match(new RegExp(`^${rootPrefix}(\\d+)-\\w{6}$`))?.[1] ?? 0);
      return pid > 0 && !alive(pid);
    })
    .map((name) => join(directory, name));
}

/** Brings the host back for each; what was done, a line for each. @returns {Promise<string>} */
export async function sweepRoots() {
  let said = "";
  for (const root of forsakenRoots(tmpdir())) {
    // killed before its first command: there is nothing to bring back
    if (!existsSync(join(root, "store.db"))) {
      rmSync(root, { recursive: true, force: true });
      said += `${root} was left by a test that was killed: removed\n`;
      continue;
    }
    const { code, output } = await run([`${checkout}/dist/tsns`, "--root", root, "system", "reset", "--force"]);
    if (code === 0) rmSync(root, { recursive: true, force: true });
    said += `${root} was left by a test that was killed: ${code === 0 ? "reset" : `reset ended with ${code}: ${output}`}\n`;
  }
  return said;
}
