// Whether what a bind's propagation promises can be: what is mounted below the source inside or outside is to be seen on the other side.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { TsnsError } from "../../base/error.ts";
import type { MountSpec } from "../../container/spec/storage.ts";
import { parsePropagation } from "../../mount/propagation.ts";
import { parseMountInfo } from "../../mount/state.ts";
import { type MountTable, openMountTable } from "../../mount/table.ts";

/** Throws TsnsError invalid, in docker's words, for a source on a mount that gives or takes no events. Reads nothing where none is asked for. */
export function refusePropagation(mounts: readonly MountSpec[]): void {
  let table: MountTable | undefined;
  for (const mount of mounts) {
    if (mount.type !== "bind" || !/shared|slave/.test(mount.propagation)) continue;
    table ??= openMountTable(parseMountInfo(readFileSync("/proc/self/mountinfo", "utf8")));
    const on = table.mountOf(realpathSync(existing(mount.source)));
    const { group, master } = parsePropagation(on?.propagation ?? []);
    const wants = mount.propagation.endsWith("shared") ? "shared" : "shared or slave";
    if (!on || group !== undefined || (wants !== "shared" && master !== undefined)) continue;
    throw new TsnsError("invalid", "no-propagation", `path ${mount.source} is mounted on ${on.target} but it is not a ${wants} mount`, {
      hint: `mount --make-rshared ${on.target}, or leave out the propagation ${mount.propagation}`,
      exitCode: 125,
    });
  }
}

/** The source, or the nearest directory above that is there: -v makes the rest. */
function existing(path: string): string {
  let at = path;
  while (at !== "/" && !existsSync(at)) at = dirname(at);
  return at;
}
