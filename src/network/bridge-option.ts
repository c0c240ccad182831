// The operands of brctl's verbs: seconds, numbers, words for on and off, with the kernel's bounds (net/bridge/br_private_stp.h). Pure.
import { TsnsError } from "../base/error.ts";

function refuse(what: string, text: string, hint: string): never {
  throw new TsnsError("invalid", "bad-operand", `${what} "${text}" is out of bounds or no number`, { hint, exitCode: 2 });
}

export interface Bounds {
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

/** Seconds with up to two decimals that count (the kernel's clock), as hundredths: "1.5" is 150. Bounds are in seconds. */
export function parseSeconds(text: string, { what, least, most }: Bounds): number {
  const match = /^(\d{1,9})(?:\.(\d*))?$/.exec(text);
  const value = match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0").slice(0, 2)) : Number.NaN;
  return value >= least * 100 && value <= most * 100 ? value : refuse(what, text, `${least} to ${most} seconds, such as ${least || 1}.5`);
}

/** A whole number, decimal or hexadecimal (0x8000). */
export function parseWhole(text: string, { what, least, most }: Bounds): number {
  const value = /^(\d{1,9}|0x[0-9a-fA-F]{1,8})$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : refuse(what, text, `a whole number from ${least} to ${most}`);
}

/** brctl's words: 1 or 0. */
export function parseSwitch(text: string): 0 | 1 {
  if (["on", "yes", "1"].includes(text)) return 1;
  if (["off", "no", "0"].includes(text)) return 0;
  throw new TsnsError("invalid", "bad-operand", `"${text}" is neither on nor off`, { hint: "say on or off", exitCode: 2 });
}
