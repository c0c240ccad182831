// Signals by name and number (signal(7), x86-64 and arm64).
import { TsnsError } from "../base/error.ts";

const names = [
  "",
  "HUP",
  "INT",
  "QUIT",
  "ILL",
  "TRAP",
  "ABRT",
  "BUS",
  "FPE",
  "KILL",
  "USR1",
  "SEGV",
  "USR2",
  "PIPE",
  "ALRM",
  "TERM",
  "STKFLT",
  "CHLD",
  "CONT",
  "STOP",
  "TSTP",
  "TTIN",
  "TTOU",
  "URG",
  "XCPU",
  "XFSZ",
  "VTALRM",
  "PROF",
  "WINCH",
  "IO",
  "PWR",
  "SYS",
];

/** Other names of signal(7) for the same numbers. */
const synonyms: Readonly<Record<string, string>> = { CLD: "CHLD", IOT: "ABRT", POLL: "IO" };

/** Number of `TERM`, `SIGTERM`, `15` or `RTMIN+3`. Throws invalid. */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (/^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= 64) return Number(name);
  const index = names.indexOf(Object.hasOwn(synonyms, name) ? (synonyms[name] ?? "") : name);
  if (index > 0) return index;
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realtime) {
    const offset = Number(realtime[3] ?? 0) * (realtime[2] === "-" ? -1 : 1);
    const number = (realtime[1] === "MIN" ? 34 : 64) + offset;
    if (number >= 34 && number <= 64) return number;
  }
  throw new TsnsError("invalid", "unknown-signal", `invalid signal: ${text}`, { hint: "kill -l lists the names" });
}

/** `SIGTERM` of 15; a number without a name stays one. */
export function signalName(number: number): string {
  const name = names[number];
  return name ? `SIG${name}` : `signal ${number}`;
}
