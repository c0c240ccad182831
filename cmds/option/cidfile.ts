// --cidfile: refused when the file is there, so that a script never mistakes an old id for the new one.
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";

/** Checks now, returns what writes the id later. Throws conflict when the file exists. */
export function writeCidfile(context: Context, file: string | undefined): (id: string) => void {
  if (file === undefined) return () => {};
  const path = resolve(context.cwd, file);
  if (existsSync(path)) {
    throw new TsnsError(
      "conflict",
      "cidfile-exists",
      `container ID file found, make sure the other container isn't running or delete ${file}`,
      { exitCode: 125 },
    );
  }
  return (id) => {
    if (!context.mode.dryRun) writeFileSync(path, id, { flag: "wx" });
  };
}
