// --cidfile: refused when the file is there, so that a script never mistakes an old id for the new one.
import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeErrno, TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";

/** Checks now, returns what writes the id later. Throws conflict when the file exists, invalid when it cannot be made. */
export function writeCidfile(context: Context, file: string | undefined): (id: string) => void {
  if (file === undefined || file === "") return () => {};
  const path = resolve(context.cwd, file);
  if (existsSync(path)) {
    throw new TsnsError(
      "conflict",
      "cidfile-exists",
      `container ID file found, make sure the other container isn't running or delete ${file}`,
      { hint: "or give --cidfile another path", exitCode: 125 },
    );
  }
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cannotWrite(file, error);
  }
  return (id) => {
    if (context.mode.dryRun) return;
    try {
      writeFileSync(path, id, { flag: "wx" });
    } catch (error) {
      throw cannotWrite(file, error);
    }
  };
}

function cannotWrite(file: string, cause: unknown): TsnsError {
  const errno = cause instanceof Error && "code" in cause ? String(cause.code) : "EIO";
  return new TsnsError("invalid", "bad-cidfile", `cannot make the container ID file ${file}: ${describeErrno(errno)}`, {
    hint: "give --cidfile a new file in a directory that can be written",
    cause,
    exitCode: 125,
  });
}
