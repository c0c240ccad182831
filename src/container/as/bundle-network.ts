// What an OCI bundle has no words for: the link of a container on a bridge. Runtimes leave it to others, who find here what it was. Pure.
import type { Endpoint } from "../../network/spec.ts";
import type { ContainerSpec } from "../spec.ts";
import { publishWord } from "./port.ts";

/** Annotations that say what is missing; none for a container whose network a bundle can say. `endpoints`: of the run under way. */
export function missingNetwork(
  { network, ports, attachments }: ContainerSpec,
  endpoints: readonly Endpoint[] = [],
): Readonly<Record<string, string>> {
  if (network.mode !== "bridge") return {};
  const [endpoint] = endpoints;
  const [asked] = attachments;
  const own = endpoint?.ipv4 ? `${endpoint.ipv4.address}/${endpoint.ipv4.prefixLength}` : asked?.ipv4;
  const told: Readonly<Record<string, string | undefined>> = {
    "tsns.missing": "the veth pair to the bridge and published ports: the network namespace of this bundle has the loopback link alone",
    "tsns.network": network.network,
    "tsns.address": own,
    "tsns.gateway": endpoint?.ipv4?.gateway,
    "tsns.mac": endpoint?.mac ?? asked?.mac,
    "tsns.ports": ports.length > 0 ? ports.map(publishWord).join(",") : undefined,
  };
  return Object.fromEntries(Object.entries(told).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
