// Whether what a bind's propagation promises can be: what is mounted below the source inside or outside is to be seen on the other side.
import { realpathSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import type { BindMount } from "../../container/spec/storage.ts";
import { readMountsOf } from "../../kernel/mount/namespace.ts";
import { nearestExisting } from "../../kernel/tree/nearest.ts";
import { parsePropagation } from "../../mount/propagation.ts";
import { openMountTable } from "../../mount/table.ts";

/** `binds`: none is private. Throws TsnsError invalid, in docker's words, for a source on a mount that gives or takes no events. */
export function refusePropagation(binds: readonly BindMount[]): void {
  const table = openMountTable(readMountsOf("self") ?? []);
  for (const { source, propagation } of binds) {
    // What of it is not there -v makes.
    const on = table.mountOf(realpathSync(nearestExisting(source)));
    const { group, master } = parsePropagation(on?.propagation ?? []);
    const wants = propagation.endsWith("shared") ? "shared" : "shared or slave";
    if (!on || group !== undefined || (wants !== "shared" && master !== undefined)) continue;
    throw new TsnsError("invalid", "no-propagation", `path ${source} is mounted on ${on.target} but it is not a ${wants} mount`, {
      hint: `mount --make-rshared ${on.target}, or leave out the propagation ${propagation}`,
      exitCode: 125,
    });
  }
}
