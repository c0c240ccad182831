// What a container's Spec says of its network, the names it knows and the name servers it asks. Absent members: docker's defaults.
import type { LinkRate } from "../../network/rate.ts";
import type { PortSpec } from "../../network/spec.ts";

export type NetworkMode =
  | { readonly mode: "bridge"; readonly network: string }
  | { readonly mode: "none" }
  | { readonly mode: "host" }
  | { readonly mode: "container"; readonly container: string };

/** Another container that this one knows by a name (docker's --link). */
export interface LinkSpec {
  /** As it was asked for; its id from creation on. */
  readonly container: string;
  readonly alias: string;
}

/** Lines of resolv.conf(5) in place of the host's; a list that is absent leaves the host's. */
export interface DnsSpec {
  readonly servers?: readonly string[];
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What a container asks of one network it is on. Absent members: chosen when it starts. */
export interface NetworkAttachment {
  readonly network: string;
  /** Names that others on the network find it by, beside its own. */
  readonly aliases?: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** More addresses of its link, which reach no further. */
  readonly linkLocal?: readonly string[];
  /** Hardware address of its link. */
  readonly mac?: string;
  /** The network with the highest one has the default route; of equal ones the first by name. */
  readonly gatewayPriority?: number;
  /** Names that this container alone finds others of the network by. */
  readonly links?: readonly LinkSpec[];
  /** Options of the driver, as they were given. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface NetworkSettings {
  readonly network: NetworkMode;
  readonly ports: readonly PortSpec[];
  /** `80/tcp`: ports that the command listens on, whether published or not; with those of the image. */
  readonly exposed?: readonly string[];
  /** Each exposed port is published on a host port of tsns's choice. */
  readonly publishAll?: boolean;
  readonly links?: readonly LinkSpec[];
  /** Name and address for /etc/hosts; the address `host-gateway` is the host's on the container's network. */
  readonly extraHosts?: readonly (readonly [name: string, address: string])[];
  readonly dns?: DnsSpec;
  /** Of each of its links, --net-rate. */
  readonly rate?: LinkRate;
  /** Its place on each network, the one of `network` first; none unless that is a bridge network. */
  readonly attachments: readonly NetworkAttachment[];
}
