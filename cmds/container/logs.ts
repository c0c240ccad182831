// tsns logs: what a container wrote, each stream to its own.
import { TsnsError } from "../../src/base/error.ts";
import { parseMoment } from "../../src/base/time.ts";
import { type LogEntry, readLog } from "../../src/engine/container/log.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container logs",
  usage: "[OPTIONS] CONTAINER",
  summary: "Fetch the logs of a container",
  options: {
    follow: { type: "boolean", short: "f", describe: "Follow log output" },
    since: { type: "string", describe: "Show logs since a timestamp (2013-01-02T13:23:37Z) or a relative time (42m)" },
    tail: { type: "string", short: "n", describe: "Number of lines to show from the end of the logs", default: "all" },
    timestamps: { type: "boolean", short: "t", describe: "Show timestamps" },
    until: { type: "string", describe: "Show logs before a timestamp or a relative time" },
  },
  arity: [1, 1],
  completes: "container",
  async run(context, { options, args }) {
    const now = Date.now();
    const request = {
      follow: options.follow ?? false,
      signal: context.signal,
      ...(options.since === undefined ? {} : { sinceMs: parseMoment(options.since, now, "--since") }),
      ...(options.until === undefined ? {} : { untilMs: parseMoment(options.until, now, "--until") }),
      ...parseTail(options.tail ?? "all"),
    };
    const text = options.timestamps ? (entry: LogEntry) => `${fixedTime(entry.time)} ${entry.text}` : (entry: LogEntry) => entry.text;
    await readLog(context.engine(), args[0] ?? "", request, (entries) => {
      for (const [stream, part] of groupByStream(entries, text)) (stream === "stdout" ? context.stdout : context.stderr).write(part);
    });
    return 0;
  },
});

/** The log leaves trailing zeros out, as Go's RFC3339Nano does; printed times have nine digits, so that columns stand. */
export function fixedTime(time: string): string {
  return time.replace(/(?:\.(\d+))?Z$/, (_, digits = "") => `.${digits.padEnd(9, "0")}Z`);
}

/** `--tail`: a number of lines; nothing for all. Throws invalid. */
export function parseTail(text: string): { tail?: number } {
  if (text === "all" || text === "-1") return {};
  if (/^\d+$/.test(text)) return { tail: Number(text) };
  throw new TsnsError("invalid", "bad-tail", `invalid --tail "${text}"`, { hint: "give a number of lines, or all" });
}

/** Runs of the same stream, so that one write carries many lines and the order stays. */
export function groupByStream(entries: readonly LogEntry[], text: (entry: LogEntry) => string): [LogEntry["stream"], string][] {
  const groups: [LogEntry["stream"], string][] = [];
  let current: string[] = [];
  let stream: LogEntry["stream"] | undefined;
  for (const entry of entries) {
    if (entry.stream !== stream) {
      if (stream) groups.push([stream, current.join("")]);
      stream = entry.stream;
      current = [];
    }
    current.push(text(entry));
  }
  if (stream) groups.push([stream, current.join("")]);
  return groups;
}
