// The rules of published ports, as values, of both families: ports in a row are one rule. The network's own rules do the rest.
import type { IpFamily, Rule, RuleTransaction } from "../../plan/rule.ts";
import { bracketed, families, familyOfText } from "../ip.ts";
import type { NetworkNames } from "../name.ts";
import { portRelayPort, relayAddressOf, relayedPorts } from "../port-relay.ts";
import { type PortRun, portRuns } from "../port-run.ts";
import type { Endpoint, NetworkSpec, PortSpec } from "../spec.ts";
import { rule } from "./shared.ts";

/** Where published ports lead: the addresses of a container, and how its network is reached. */
export interface PublishedPlace {
  readonly endpoint: Pick<Endpoint, "ipv4" | "ipv6">;
  readonly gatewayMode?: NetworkSpec["gatewayMode"];
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

const isOf = ({ hostIp }: PortSpec, family: IpFamily): boolean => hostIp === "" || familyOfText(hostIp) === family;
const span = (from: number, to: number, dash: string): string => (from === to ? `${from}` : `${from}${dash}${to}`);

function translation({ from, to, shift }: PortRun, address: string): string {
  const ip = bracketed(address);
  if (from === to) return `${ip}:${from + shift}`;
  // iptables-extensions(8), DNAT: the port behind the slash goes to the first of the range.
  return shift === 0 ? address : `${ip}:${from + shift}-${to + shift}/${from}`;
}

/** Where the rules of a family lead: to the container, or to its monitor, which passes on what comes by a family that the container lacks. */
function destinationOf({ endpoint }: PublishedPlace, family: IpFamily): { readonly address: string; readonly port?: number } | undefined {
  const own = endpoint[family]?.address;
  if (own !== undefined) return { address: own };
  const relay = family === "ipv6" ? relayAddressOf(endpoint) : undefined;
  return relay === undefined ? undefined : { address: relay, port: portRelayPort };
}

/** The rules of one family. In a routed network the container's own ports are opened for everybody, as there is no other address to ask. */
export function portRules(
  ports: readonly PortSpec[],
  place: PublishedPlace,
  names: NetworkNames,
  owner: string,
  family: IpFamily,
): readonly Rule[] {
  const { gatewayMode } = place;
  const destination = destinationOf(place, family);
  if (!destination) return [];
  const { address, port } = destination;
  const host = `/${family === "ipv4" ? 32 : 128}`;
  const match = (protocol: string, from: number, to: number) => ["-p", protocol, "-m", protocol, "--dport", span(from, to, ":")];
  const led = port === undefined ? ports.filter((one) => isOf(one, family)) : relayedPorts(place.endpoint, ports);
  return portRuns(led).map((run) => {
    const { hostIp, protocol, from, to, shift } = run;
    if (port === undefined && gatewayMode?.[family] === "routed") {
      return rule(
        "filter",
        names.portChain,
        owner,
        ["-d", `${address}${host}`, ...match(protocol, from + shift, to + shift)],
        ["-j", "ACCEPT"],
      );
    }
    const asked = anyAddresses.has(hostIp) ? [] : ["-d", `${hostIp}${host}`];
    const target = ["-j", "DNAT", "--to-destination", port === undefined ? translation(run, address) : `${bracketed(address)}:${port}`];
    return rule("nat", names.dnatChain, owner, [...asked, ...match(protocol, from, to)], target);
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
