// What an OCI bundle has no words for: the link of a container on a bridge. Runtimes leave it to others, who find here what it was. Pure.
import type { Endpoint, EndpointAddress } from "../../network/spec.ts";
import type { NetworkAttachment } from "../spec/network.ts";
import type { ContainerSpec } from "../spec.ts";
import { publishWord } from "./port.ts";

const prefixOf = (place: EndpointAddress | undefined): string | undefined => place && `${place.address}/${place.prefixLength}`;

/** Annotations that say what is missing, of several networks in their order between spaces; none for a container whose network a bundle can say. `endpoints`: of the run under way. */
export function missingNetwork(
  { network, ports, attachments }: ContainerSpec,
  endpoints: readonly Endpoint[] = [],
): Readonly<Record<string, string>> {
  if (network.mode !== "bridge") return {};
  const each = (of: (attachment: NetworkAttachment, endpoint: Endpoint | undefined) => string | undefined): string | undefined => {
    const words = attachments.map(
      (attachment) =>
        of(
          attachment,
          endpoints.find((place) => place.network === attachment.network),
        ) ?? "",
    );
    return words.every((word) => word === "") ? undefined : words.join(" ");
  };
  const both = (...words: readonly (string | undefined)[]): string => words.filter((word) => word !== undefined).join(",");
  const told: Readonly<Record<string, string | undefined>> = {
    "tsns.missing": "the veth pair to the bridge and published ports: the network namespace of this bundle has the loopback link alone",
    "tsns.network": each((attachment) => attachment.network),
    "tsns.address": each((asked, endpoint) =>
      endpoint ? both(prefixOf(endpoint.ipv4), prefixOf(endpoint.ipv6)) : both(asked.ipv4, asked.ipv6),
    ),
    "tsns.gateway": each((_, endpoint) => both(endpoint?.ipv4?.gateway, endpoint?.ipv6?.gateway)),
    "tsns.mac": each((asked, endpoint) => endpoint?.mac ?? asked.mac),
    "tsns.aliases": each(({ aliases }) => aliases?.join(",")),
    "tsns.ports": ports.length > 0 ? ports.map(publishWord).join(",") : undefined,
  };
  return Object.fromEntries(Object.entries(told).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
