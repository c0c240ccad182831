// The shell commands for steps on connection tracking: conntrack(8).
import type { ConntrackStep, FlowTuple } from "../step/conntrack.ts";
import { type Renderers, words } from "./word.ts";

const protocols: Readonly<Record<number, string>> = {
  1: "icmp",
  6: "tcp",
  17: "udp",
  33: "dccp",
  58: "icmpv6",
  132: "sctp",
  136: "udplite",
};

export const conntrackShell: Renderers<ConntrackStep> = {
  // conntrack(8) ends with 1 when there was nothing to delete.
  "flow.remove": ({ tuple }) => `${words("conntrack", "-D", ...argumentsOf(tuple))} || true`,
};

function argumentsOf({ family, protocol, source, destination, sourcePort, destinationPort, zone }: FlowTuple): string[] {
  const ports = [6, 17, 33, 132, 136].includes(protocol) ? ["--sport", `${sourcePort}`, "--dport", `${destinationPort}`] : [];
  return [
    "-f",
    family,
    "-p",
    protocols[protocol] ?? `${protocol}`,
    "-s",
    source,
    "-d",
    destination,
    ...ports,
    ...(zone === undefined ? [] : ["--zone", `${zone}`]),
  ];
}
