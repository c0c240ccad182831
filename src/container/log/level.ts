// How bad a line of a log says it is, in the formats that programs usually write. Pure.

export type LogLevel = "error" | "warn" | "info" | "debug" | "trace";

const words: Readonly<Record<string, LogLevel>> = Object.assign(Object.create(null), {
  emerg: "error",
  emergency: "error",
  alert: "error",
  panic: "error",
  fatal: "error",
  crit: "error",
  critical: "error",
  severe: "error",
  error: "error",
  err: "error",
  warning: "warn",
  warn: "warn",
  notice: "info",
  information: "info",
  info: "info",
  debug: "debug",
  fine: "debug",
  trace: "trace",
  verbose: "trace",
});
const anyWord = Object.keys(words).join("|");

/** level=error, "level":"error", severity: WARNING, "level":40 */
const named = new RegExp(String.raw`\b(?:level|lvl|severity|loglevel)["']?\s*[=:]\s*["']?(${anyWord}|\d\d)\b`, "i");
/** [ERROR], <info>, |WARN |, [core:error] */
const bracketed = new RegExp(String.raw`[[(<|]\s*(?:[\w.-]+:)?(${anyWord})\s*[\])>|]`, "i");
/** ERROR, WARN: in capitals, or before a colon at the beginning. */
const bare = /\b(EMERG|ALERT|PANIC|FATAL|CRIT|CRITICAL|SEVERE|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)\b/;
const leading = new RegExp(String.raw`^\s*(?:[\w./-]+: )?(${anyWord})(?:\[\w+\])?:`, "i");
/** W1120 12:00:00.000000, as klog writes. */
const klog = /^([IWEF])\d{4} \d\d:\d\d:/;
/** <11>: priority of syslog, whose severity is the lower three bits (RFC 5424, 6.2.1). */
const priority = /^<(\d{1,3})>/;

const klogLevels: Readonly<Record<string, LogLevel>> = { I: "info", W: "warn", E: "error", F: "error" };
const severities: readonly LogLevel[] = ["error", "error", "error", "error", "warn", "info", "info", "debug"];

/** pino's and bunyan's numbers. */
function levelOfNumber(number: number): LogLevel | undefined {
  if (number >= 50) return "error";
  return ({ 40: "warn", 30: "info", 20: "debug", 10: "trace" } as const)[number];
}

/** So much of a line is looked at. */
const lookedAt = 400;
const bareWithin = 80;

/** Undefined: it says nothing of it. */
export function levelOf(text: string): LogLevel | undefined {
  const head = text.length > lookedAt ? text.slice(0, lookedAt) : text;
  const [, klogLetter] = klog.exec(head) ?? [];
  if (klogLetter) return klogLevels[klogLetter];
  const [, number] = priority.exec(head) ?? [];
  if (number && Number(number) < 192) return severities[Number(number) % 8];
  const [, value] = named.exec(head) ?? [];
  if (value) return /^\d/.test(value) ? levelOfNumber(Number(value)) : words[value.toLowerCase()];
  const [, word] = bracketed.exec(head) ?? bare.exec(head.slice(0, bareWithin)) ?? leading.exec(head) ?? [];
  return word ? words[word.toLowerCase()] : undefined;
}
