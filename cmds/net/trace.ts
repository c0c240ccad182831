// tsns net trace: the way of a packet, and what stops it.
import { escapeControlExceptLayout, renderJson } from "../../src/base/text.ts";
import { traceRequest } from "../../src/engine/network/trace.ts";
import type { TracedProtocol } from "../../src/network/trace/packet.ts";
import { renderTrace, traceView } from "../../src/network/trace/view.ts";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "net trace",
  usage: "[OPTIONS] [SRC] [to] HOST:PORT|CONTAINER[:PORT]",
  summary: "Follow a packet through tables, routes, bridges and namespaces to the socket, or to what stops it",
  options: {
    protocol: { type: "string", short: "p", choices: ["tcp", "udp"], default: "tcp", describe: "Protocol of the packet" },
    from: { type: "string", value: "source", describe: "Where it comes from: host, lan, internet, a container, an address or a network" },
    json: { type: "boolean", describe: "Print one JSON object" },
  },
  arity: [1, 3],
  completes: "running",
  async run(context, { options, args }) {
    const words = args.filter((word) => word !== "->" && word !== "to");
    const [first = "", second] = words;
    if (words.length > 2 || words.length === 0) throw usageError("net trace", ["write: tsns net trace [SRC] to HOST:PORT"], 2);
    if (second !== undefined && options.from !== undefined)
      throw usageError("net trace", ["the source is given twice: as --from and as a word"], 2);
    const report = await traceRequest(context.engine(), {
      from: options.from ?? (second === undefined ? "host" : first),
      to: second ?? first,
      protocol: (options.protocol ?? "tcp") as TracedProtocol,
    });
    const { from, to } = report;
    if (options.json) context.stdout.write(`${renderJson(traceView(report, from, to), 2)}\n`);
    else context.stdout.write(escapeControlExceptLayout(renderTrace(report, from, to)));
    return report.verdict.kind === "reachable" ? 0 : 1;
  },
});
