// Forgets tracked connections by port and address: the kernel lists those of one protocol, each one that matches is removed.
import { KernelError, TsnsError } from "../../base/error.ts";
import { type Flow, rewrittenDestination } from "../../network/flow/flow.ts";
import { tupleOf } from "../../network/flow/plan.ts";
import { renderIp } from "../../network/ip.ts";
import type { FlowFlush } from "../../plan/step/conntrack.ts";
import { readFlowsOf, removeFlows } from "./conntrack.ts";
import { isOwnAddress } from "./place.ts";

/** No privilege or no conntrack in the kernel is no error: nothing is tracked then, or no rule could be written either. */
export function flushFlows({ protocol, ports, addresses }: Omit<FlowFlush, "kind">): void {
  const own = new Map<string, boolean>();
  const isOwn = (address: string): boolean => {
    const known = own.get(address) ?? isOwnAddress(address);
    own.set(address, known);
    return known;
  };
  // To a port of this host, translated or not; another machine's port of the same number is none of it.
  const isToPort = (flow: Flow) =>
    ports.some(([from, to]) => flow.original.destinationPort >= from && flow.original.destinationPort <= to) &&
    (rewrittenDestination(flow) !== undefined || isOwn(renderIp(flow.original.destination)));
  const isFrom = ({ reply, original }: Flow) => [reply.source, original.source].some((ip) => addresses.includes(renderIp(ip)));
  try {
    const stale = readFlowsOf(protocol).filter((flow) => flow.protocolNumber === protocol && (isToPort(flow) || isFrom(flow)));
    removeFlows(stale.map(tupleOf));
  } catch (error) {
    if (!(error instanceof TsnsError || error instanceof KernelError)) throw error;
    if (error.kind !== "denied" && error.kind !== "unsupported") throw error;
  }
}
