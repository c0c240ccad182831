// The rules of published ports, as values, of both families: ports in a row are one rule. The network's own rules do the rest.
import type { IpFamily, Rule, RuleTransaction } from "../../plan/rule.ts";
import { bracketed, families, familyOfText } from "../ip.ts";
import type { NetworkNames } from "../name.ts";
import type { Endpoint, NetworkSpec, PortSpec } from "../spec.ts";
import { rule } from "./shared.ts";

/** Where published ports lead: the addresses of a container, and how its network is reached. */
export interface PublishedPlace {
  readonly endpoint: Pick<Endpoint, "ipv4" | "ipv6">;
  readonly gatewayMode?: NetworkSpec["gatewayMode"];
}

/** Ports in a row of the same address and protocol, `shift` between the host's and the container's. */
interface Run {
  readonly hostIp: string;
  readonly protocol: string;
  readonly from: number;
  to: number;
  readonly shift: number;
}

function runsOf(ports: readonly PortSpec[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { hostIp, hostPort, containerPort, protocol } of ports) {
    const shift = containerPort - hostPort;
    // The two families of a port stand beside each other.
    const last = runs.findLast((run) => run.hostIp === hostIp && run.protocol === protocol);
    if (last && last.to === hostPort - 1 && last.shift === shift) last.to = hostPort;
    else runs.push({ hostIp, protocol, from: hostPort, to: hostPort, shift });
  }
  return runs;
}

/** Host ports, those in a row as one span, each once. */
export function portSpans(ports: readonly PortSpec[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  for (const number of [...new Set(ports.map(({ hostPort }) => hostPort))].sort((one, other) => one - other)) {
    const last = spans.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else spans.push([number, number]);
  }
  return spans;
}

/** All addresses of a family, or of both. */
const anyAddresses = new Set(["", "0.0.0.0", "::"]);

const isOf = ({ hostIp }: Run, family: IpFamily): boolean => hostIp === "" || familyOfText(hostIp) === family;
const span = (from: number, to: number, dash: string): string => (from === to ? `${from}` : `${from}${dash}${to}`);

function translation({ from, to, shift }: Run, address: string): string {
  const ip = bracketed(address);
  if (from === to) return `${ip}:${from + shift}`;
  // iptables-extensions(8), DNAT: the port behind the slash goes to the first of the range.
  return shift === 0 ? address : `${ip}:${from + shift}-${to + shift}/${from}`;
}

/** The rules of one family. In a routed network the container's own ports are opened for everybody, as there is no other address to ask. */
export function portRules(
  ports: readonly PortSpec[],
  { endpoint, gatewayMode }: PublishedPlace,
  names: NetworkNames,
  owner: string,
  family: IpFamily,
): readonly Rule[] {
  const address = endpoint[family]?.address;
  if (address === undefined) return [];
  const host = `/${family === "ipv4" ? 32 : 128}`;
  const match = (protocol: string, from: number, to: number) => ["-p", protocol, "-m", protocol, "--dport", span(from, to, ":")];
  return runsOf(ports)
    .filter((run) => isOf(run, family))
    .map((run) => {
      const { hostIp, protocol, from, to, shift } = run;
      if (gatewayMode?.[family] === "routed") {
        return rule(
          "filter",
          names.portChain,
          owner,
          ["-d", `${address}${host}`, ...match(protocol, from + shift, to + shift)],
          ["-j", "ACCEPT"],
        );
      }
      const destination = anyAddresses.has(hostIp) ? [] : ["-d", `${hostIp}${host}`];
      const target = ["-j", "DNAT", "--to-destination", translation(run, address)];
      return rule("nat", names.dnatChain, owner, [...destination, ...match(protocol, from, to)], target);
    });
}

/** What leads from one set of published ports to another, a transaction for each family that has something to change. */
export function changePorts(
  before: readonly PortSpec[],
  after: readonly PortSpec[],
  place: PublishedPlace,
  names: NetworkNames,
  owner: string,
): readonly RuleTransaction[] {
  return families.flatMap((family): RuleTransaction[] => {
    const [old, wanted] = [before, after].map((ports) => portRules(ports, place, names, owner, family));
    const keys = [old, wanted].map((rules) => new Set((rules ?? []).map((value) => JSON.stringify(value))));
    const changes = [
      ...(old ?? [])
        .filter((value) => !keys[1]?.has(JSON.stringify(value)))
        .map((value) => ({ change: "rule.remove", rule: value }) as const),
      ...(wanted ?? [])
        .filter((value) => !keys[0]?.has(JSON.stringify(value)))
        .map((value) => ({ change: "rule.append", rule: value }) as const),
    ];
    return changes.length === 0 ? [] : [{ family, changes }];
  });
}
