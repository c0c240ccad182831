// The shell commands for steps on connection tracking: conntrack(8).
import { protocolNames } from "../protocol.ts";
import type { ConntrackStep, FlowTuple } from "../step/conntrack.ts";
import { type Renderers, words } from "./word.ts";

export const conntrackShell: Renderers<ConntrackStep> = {
  // conntrack(8) ends with 1 when there was nothing to delete.
  "flow.remove": ({ tuple }) => `${words("conntrack", "-D", ...argumentsOf(tuple))} || true`,
  "flow.flush": ({ protocol, ports, addresses }) => {
    const remove = (...filter: readonly string[]) => words("conntrack", "-D", "-p", protocolNames[protocol] ?? `${protocol}`, ...filter);
    const numbers = ports.map(([from, to]) => (from === to ? `${from}` : `$(seq ${from} ${to})`)).join(" ");
    const families = ["ipv4", "ipv6"].map((family) => `${remove("-f", family, "--orig-port-dst")} $port || true`);
    return [
      ...(numbers === "" ? [] : [`for port in ${numbers}; do ${families.join("; ")}; done`]),
      ...addresses.map((address) => `${remove("-f", address.includes(":") ? "ipv6" : "ipv4", "--reply-src", address)} || true`),
    ].join("\n");
  },
};

function argumentsOf({ family, protocol, source, destination, sourcePort, destinationPort, zone }: FlowTuple): string[] {
  const ports = [6, 17, 33, 132, 136].includes(protocol) ? ["--sport", `${sourcePort}`, "--dport", `${destinationPort}`] : [];
  return [
    "-f",
    family,
    "-p",
    protocolNames[protocol] ?? `${protocol}`,
    "-s",
    source,
    "-d",
    destination,
    ...ports,
    ...(zone === undefined ? [] : ["--zone", `${zone}`]),
  ];
}
