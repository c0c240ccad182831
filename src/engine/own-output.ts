// What another tsns on the same data root prints, for whoever cannot wait where it stands: it would keep everything else waiting, or
// become another program.
import { execFile } from "node:child_process";
import { TsnsError } from "../base/error.ts";
import type { Engine } from "./engine.ts";
import { ownProgram } from "./program.ts";

const mostBytes = 1 << 27;

/**
 * Its standard output; `mayFail`: also where it ends with 1 after having printed something. Ended with the signal. Throws unavailable with the
 * first line of what it said.
 */
export function runOwn(engine: Pick<Engine, "root">, words: readonly string[], signal: AbortSignal, mayFail = false): Promise<string> {
  const [program = "", ...first] = ownProgram(engine);
  return new Promise((resolve, reject) => {
    execFile(program, [...first, ...words], { encoding: "utf8", maxBuffer: mostBytes, signal }, (error, stdout, stderr) => {
      if (!error || (mayFail && error.code === 1 && stdout !== "")) return resolve(stdout);
      const [said = ""] = stderr.split("\n");
      reject(
        new TsnsError("unavailable", "no-answer", said.replace(/^tsns: /, "") || `tsns ${words.slice(0, 2).join(" ")} did not answer`, {
          cause: error,
        }),
      );
    });
  });
}
