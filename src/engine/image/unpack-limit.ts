// Which limit holds for what an archive unpacks to: the command's option, else TSNS_UNPACK_LIMIT, else the file `unpack-limit` of the data
// root, else the one built in.
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { defaultUnpackLimits, parseUnpackLimits, type UnpackLimits } from "../../image/unpack-limit.ts";
import type { Engine } from "../engine.ts";

/** Throws TsnsError invalid `bad-unpack-limit`. */
export function findUnpackLimits(engine: Pick<Engine, "root">, option: string | undefined): UnpackLimits {
  const text = option ?? process.env.TSNS_UNPACK_LIMIT ?? readSetting(engine.root);
  return text === undefined || text === "" ? defaultUnpackLimits : parseUnpackLimits(text);
}

function readSetting(root: string): string | undefined {
  try {
    return readFileSync(`${root}/unpack-limit`, "utf8").trim();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
    throw error;
  }
}
