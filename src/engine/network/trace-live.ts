// Sends the packet that was traced, once, from where it was traced from, and reads what the kernel counted.
import { TsnsError } from "../../base/error.ts";
import { readFlows } from "../../kernel/network/conntrack.ts";
import { sendProbe } from "../../kernel/network/probe.ts";
import type { SeenSpace } from "../../kernel/network/space.ts";
import { readCounts } from "../../kernel/network/space-rule.ts";
import { type Flow, renderEndpoint } from "../../network/flow/flow.ts";
import { onlyAddress } from "../../network/trace/address-set.ts";
import { agreement, countedBetween, type LiveReport } from "../../network/trace/live.ts";
import type { TraceReport } from "./trace.ts";

/** Below the second after which the kernel would send a lost SYN again. */
const usualTimeoutMs = 900;

/** Throws TsnsError invalid `no-sender` for packets of hosts that are elsewhere. */
export function probeTrace(report: TraceReport, timeoutMs = usualTimeoutMs): LiveReport {
  const { question, world } = report;
  const sender = question.origin.kind === "inside" ? world.spaces.get(question.origin.space.id) : undefined;
  if (!sender) {
    throw new TsnsError("invalid", "no-sender", `nothing can be sent from ${report.from}: it is not on this host`, {
      hint: "use --live with host, a container or an address of one as source",
      exitCode: 2,
    });
  }
  const { family } = question.destination;
  const met = new Set(report.hops.map(({ space }) => space));
  const watched = [...world.spaces.values()].filter((space) => met.has(space.label));
  const before = watched.map((space) => readCounts(space, family));
  const source = question.source && onlyAddress(question.source);
  const begin = performance.now();
  const { sourcePort, outcome } = sendProbe({
    protocol: question.protocol,
    destination: question.destination,
    port: question.port,
    timeoutMs,
    ...(source ? { source } : {}),
    ...(sender.path === undefined ? {} : { namespacePath: sender.path }),
  });
  const milliseconds = performance.now() - begin;
  const counted = watched.flatMap((space, at) => countedBetween(space.label, before[at] ?? [], readCounts(space, family), report));
  const flows = watched.flatMap((space) => flowsOf(space, report, sourcePort));
  return { sourcePort, outcome, milliseconds, counted, flows, agrees: agreement(report.verdict.kind, outcome, report.verdict.accepted) };
}

function flowsOf(space: SeenSpace, { question }: TraceReport, sourcePort: number): readonly string[] {
  return readFlows(space)
    .filter(({ protocol, original }) => protocol === question.protocol && original.sourcePort === sourcePort)
    .map((flow) => `${space.label}: ${renderFlow(flow)}`);
}

function renderFlow({ original, reply, state, unreplied }: Flow): string {
  const asked = `${renderEndpoint(original.source, original.sourcePort)} -> ${renderEndpoint(original.destination, original.destinationPort)}`;
  const answered = `${renderEndpoint(reply.source, reply.sourcePort)} -> ${renderEndpoint(reply.destination, reply.destinationPort)}`;
  return `${asked}, ${unreplied ? "no answer yet; it would be" : "answered"} ${answered}${state === "" ? "" : ` (${state})`}`;
}
