// tsns logs: what containers wrote, each stream to its own.
import { TsnsError } from "../../src/base/error.ts";
import { parseMoment } from "../../src/base/time.ts";
import { readLogs } from "../../src/engine/container/log.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container logs",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Fetch the logs of one or more containers",
  options: {
    details: { type: "boolean", describe: "Show extra details provided to logs" },
    follow: { type: "boolean", short: "f", describe: "Follow log output" },
    since: { type: "string", describe: "Show logs since a timestamp (2013-01-02T13:23:37Z) or a relative time (42m)" },
    tail: { type: "string", short: "n", describe: "Number of lines to show from the end of the logs", default: "all" },
    timestamps: { type: "boolean", short: "t", describe: "Show timestamps" },
    until: { type: "string", describe: "Show logs before a timestamp or a relative time" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "container",
  async run(context, { options, args }) {
    const now = Date.now();
    const request = {
      follow: options.follow ?? false,
      timestamps: options.timestamps ?? false,
      details: options.details ?? false,
      signal: context.signal,
      ...(options.since === undefined ? {} : { sinceMs: parseMoment(options.since, now, "--since") }),
      ...(options.until === undefined ? {} : { untilMs: parseMoment(options.until, now, "--until") }),
      ...parseTail(options.tail ?? "all"),
    };
    await readLogs(context.engine(), args, request, (stream, bytes) => (stream === 0 ? context.stdout : context.stderr).write(bytes));
    return 0;
  },
});

/** `--tail`: a number of lines; nothing for all. Throws invalid. */
export function parseTail(text: string): { tail?: number } {
  if (text === "all" || text === "-1") return {};
  if (/^\d+$/.test(text)) return { tail: Number(text) };
  throw new TsnsError("invalid", "bad-tail", `invalid --tail "${text}"`, { hint: "give a number of lines, or all" });
}
