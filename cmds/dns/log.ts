// tsns dns log: what containers have asked for lately, and who answered.
import { escapeControl, renderJson } from "../../src/base/text.ts";
import { type LogLine, readNameLog } from "../../src/engine/name/read-log.ts";
import { answersText, attemptText, formatMs } from "../../src/name/trace.ts";
import { type Context, defineCommand } from "../command.ts";
import { parseTail } from "../container/logs.ts";

export const command = defineCommand({
  path: "dns log",
  usage: "[OPTIONS] [CONTAINER]",
  summary: "Show the last names that containers have asked for: who answered, each try with its time",
  options: {
    follow: { type: "boolean", short: "f", describe: "Go on with what is asked from now on" },
    json: { type: "boolean", describe: "Print one JSON object per line" },
    tail: { type: "string", short: "n", describe: "Number of questions to show; at most 1000 are remembered", default: "all" },
  },
  arity: [0, 1],
  completes: "container",
  async run(context, { options, args }) {
    const request = {
      follow: options.follow ?? false,
      signal: context.signal,
      ...parseTail(options.tail ?? "all"),
      ...(args[0] === undefined ? {} : { container: args[0] }),
    };
    const found = await readNameLog(context.engine(), request, (line) => print(context, options.json ?? false, line));
    if (!found)
      context.stderr.write("WARNING: no name server is running, so nothing is remembered: a container's first question starts it\n");
    return context.signal.aborted ? interruptedCode : 0;
  },
});

/** What a shell shows for a command that SIGINT ended: docker's. */
const interruptedCode = 130;

function print({ stdout, stderr }: Context, asJson: boolean, line: LogLine): void {
  if ("lost" in line) {
    stderr.write(`WARNING: ${line.lost} questions came faster than they were read\n`);
    return;
  }
  const { asked, containerName } = line;
  if (asJson) {
    stdout.write(`${renderJson({ ...asked, containerName })}\n`);
    return;
  }
  const { time, name, type, protocol, result, source, ms, attempts } = asked;
  const words = [time, containerName, protocol, name, type, result, `(${source}, ${formatMs(ms)})`, answersText(asked)];
  // One try that answered says nothing more.
  const tries = attempts.length > 1 || source === "nobody" ? attempts.map(attemptText) : [];
  stdout.write(`${[words.join(" "), ...tries].map(escapeControl).join("\n")}\n`);
}
