// What another tsns on the same data root prints, for whoever cannot wait where it stands: it would keep everything else waiting, or
// become another program.
import { execFile } from "node:child_process";
import { TsnsError } from "../base/error.ts";
import type { Engine } from "./engine.ts";
import { ownProgram } from "./program.ts";

const mostBytes = 1 << 27;

export interface OwnOptions {
  /** Also where it ends with 1 after having printed something. */
  readonly mayFail?: boolean;
  /** Told each warning, a line on its standard error, where it did not fail. */
  readonly warned?: (text: string) => void;
}

const withoutName = (line: string): string => line.replace(/^(tsns|WARNING): /, "");

/** Its standard output. Ended with the signal. Throws unavailable with the first line of what it said. */
export function runOwn(
  engine: Pick<Engine, "root">,
  words: readonly string[],
  signal: AbortSignal,
  { mayFail = false, warned }: OwnOptions = {},
): Promise<string> {
  const [program = "", ...first] = ownProgram(engine);
  return new Promise((resolve, reject) => {
    execFile(program, [...first, ...words], { encoding: "utf8", maxBuffer: mostBytes, signal }, (error, stdout, stderr) => {
      const said = stderr.split("\n").flatMap((text) => (text === "" ? [] : [withoutName(text)]));
      if (error && !(mayFail && error.code === 1 && stdout !== "")) {
        const [reason = `tsns ${words.slice(0, 2).join(" ")} did not answer`] = said;
        reject(new TsnsError("unavailable", "no-answer", reason, { cause: error }));
        return;
      }
      if (warned) for (const text of said) warned(text);
      resolve(stdout);
    });
  });
}
