// tsns net trace: the way of a packet, and what stops it.
import { escapeControlExceptLayout, renderJson } from "../../src/base/text.ts";
import { traceRequest } from "../../src/engine/network/trace.ts";
import { probeTrace } from "../../src/engine/network/trace-live.ts";
import type { TracedProtocol } from "../../src/network/trace/packet.ts";
import { liveView, renderLive, renderTrace, traceView } from "../../src/network/trace/view.ts";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

/** A shell reads a bare > itself: "web -> db:80" comes as one word, or as "web -" with the answer in a file named db:80. */
function readWords(args: readonly string[]): { readonly first: string; readonly second: string | undefined } {
  if (args.at(-1) === "-")
    throw usageError("net trace", ["the shell took the > of -> for itself: write '->' in quotes, or the word to"], 2);
  const words = args.flatMap((word) => word.split(/->|\s+/)).filter((word) => word !== "to" && word !== "");
  const [first = "", second] = words;
  if (words.length > 2 || words.length === 0) throw usageError("net trace", ["write: tsns net trace [SRC] to HOST:PORT"], 2);
  return { first, second };
}

export const command = defineCommand({
  path: "net trace",
  usage: "[OPTIONS] [SRC] [to] HOST:PORT[/PROTOCOL]|CONTAINER[:PORT][/PROTOCOL]",
  summary: "Follow a packet through tables, routes, bridges and namespaces to the socket, or to what stops it",
  options: {
    protocol: { type: "string", short: "p", choices: ["tcp", "udp"], describe: "Protocol of the packet; tcp unless the target names one" },
    from: { type: "string", value: "source", describe: "Where it comes from: host, lan, internet, a container, an address or a network" },
    live: { type: "boolean", describe: "Send one probe as well, and show which rules counted it" },
    json: { type: "boolean", describe: "Print one JSON object" },
  },
  arity: [1, 3],
  completes: "running",
  async run(context, { options, args }) {
    const { first, second } = readWords(args);
    if (second !== undefined && options.from !== undefined)
      throw usageError("net trace", ["the source is given twice: as --from and as a word"], 2);
    const report = await traceRequest(context.engine(), {
      from: options.from ?? (second === undefined ? "host" : first),
      to: second ?? first,
      ...(options.protocol === undefined ? {} : { protocol: options.protocol as TracedProtocol }),
    });
    const { from, to } = report;
    const live = options.live ? probeTrace(report) : undefined;
    const view = traceView(report, from, to);
    if (options.json) context.stdout.write(`${renderJson(live ? { ...view, live: liveView(live) } : view, 2)}\n`);
    else context.stdout.write(escapeControlExceptLayout(renderTrace(report, from, to) + (live ? renderLive(live) : "")));
    return report.verdict.kind === "reachable" && live?.agrees !== "no" ? 0 : 1;
  },
});
