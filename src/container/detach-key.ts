// Detach keys as docker writes them ("ctrl-p,ctrl-q", "a", "ctrl-@,z") to the bytes a terminal sends.
import { TsnsError } from "../base/error.ts";

const controlSymbols = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_";

/** The sequence in hexadecimal. Throws invalid and names the key. */
export function parseDetachKeys(text: string): string {
  if (text === "") return "";
  return text
    .split(",")
    .map(keyByte)
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function keyByte(key: string): number {
  if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
  const control = /^ctrl-(.)$/i.exec(key)?.[1];
  const code = control ? controlSymbols.indexOf(control.toUpperCase()) : -1;
  if (code >= 0) return code;
  throw new TsnsError("invalid", "bad-detach-keys", `--detach-keys: unknown key "${key}"`, {
    hint: "write letters or ctrl-X, separated by commas, as in ctrl-p,ctrl-q",
  });
}
