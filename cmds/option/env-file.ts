// Files of --env-file and --label-file: NAME=VALUE on each line, as docker reads them. Nothing is quoted, a line that begins with # is a comment.

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeErrno, TsnsError } from "../../src/base/error.ts";
import { ellipsis } from "../../src/base/text.ts";

/** What a NAME alone stands for; undefined: the line is left out. */
export type LookUp = (name: string) => string | undefined;

/** The entries of a file's bytes, in order. Throws invalid, naming the file. */
export function parseEnvFile(name: string, bytes: Uint8Array, lookUp: LookUp): string[] {
  const fault = (problem: string, hint: string) =>
    new TsnsError("invalid", "bad-env-file", `invalid env file (${name}): ${problem}`, { hint });
  return linesOf(bytes).flatMap((line, at) => {
    if (!isUtf8(line))
      throw fault(`invalid utf8 bytes at line ${at + 1}: [${short(line.subarray(0, longest).join(" "))}]`, "write it in UTF-8");
    // a byte order mark is none of the first name
    const text = line.toString("utf8").replace(at === 0 ? /^\ufeff?\s*/ : /^\s*/, "");
    if (text === "" || text.startsWith("#")) return [];
    const equals = text.indexOf("=");
    const key = equals < 0 ? text : text.slice(0, equals);
    if (key === "") throw fault(`no variable name on line '${short(text)}'`, "write NAME=VALUE");
    if (/[ \t]/.test(key)) throw fault(`variable '${short(key)}' contains whitespaces`, "write NAME=VALUE, without a space before =");
    if (equals >= 0) return [text];
    const value = lookUp(key);
    return value === undefined ? [] : [`${key}=${value}`];
  });
}

/** What is no such file at all may have a line of any length. */
const longest = 80;
const short = (text: string): string => ellipsis(text.slice(0, longest + 1), longest);

/** As Go's line scanner: a carriage return before the line feed goes too. */
function linesOf(bytes: Uint8Array): Buffer[] {
  const lines: Buffer[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < buffer.length; ) {
    const found = buffer.indexOf(0x0a, at);
    const end = found < 0 ? buffer.length : found;
    lines.push(buffer.subarray(at, end > at && buffer[end - 1] === 0x0d ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}

/** The entries of all files, in order. Throws invalid, not-found, denied, naming the file. */
export function readEnvFiles(cwd: string, paths: readonly string[] | undefined, lookUp: LookUp = () => undefined): string[] {
  return (paths ?? []).flatMap((path) => parseEnvFile(path, readBytes(cwd, path), lookUp));
}

function readBytes(cwd: string, path: string): Uint8Array {
  try {
    return readFileSync(resolve(cwd, path));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string")) throw error;
    throw new TsnsError("invalid", "unreadable-env-file", `open ${path}: ${describeErrno(error.code)}`, {
      hint: "give a file of NAME=VALUE lines",
    });
  }
}
