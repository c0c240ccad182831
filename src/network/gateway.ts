// Which of a container's networks it leaves by: the one with the default route, per family, and the one its ports are published on. Pure.
import { families } from "./ip.ts";
import { isRoutedMode } from "./parent-mode.ts";
import type { Endpoint, NetworkDriver, ParentSpec } from "./spec.ts";

export interface GatewayPlace {
  readonly endpoint: Pick<Endpoint, "network" | "link" | "ipv4" | "ipv6">;
  readonly driver?: NetworkDriver;
  readonly internal?: boolean;
  readonly gatewayPriority?: number;
  /** Of macvlan and ipvlan. */
  readonly parent?: ParentSpec;
}

/** Those with a way out, the first choice first: the highest priority, then the first by name. */
function inOrder<P extends GatewayPlace>(places: readonly P[]): readonly P[] {
  return places
    .filter(({ internal }) => !internal)
    .toSorted(
      (one, other) => (other.gatewayPriority ?? 0) - (one.gatewayPriority ?? 0) || (one.endpoint.network < other.endpoint.network ? -1 : 1),
    );
}

/** Gateway and link of a family's default route; undefined where no network has one. */
export interface DefaultRoute {
  readonly family: "ipv4" | "ipv6";
  /** Absent: the link itself leads everywhere (ipvlan in a routed mode). */
  readonly gateway?: string;
  readonly link: string;
}

/** At most one of each family, IPv4 first. */
export function defaultRoutes(places: readonly GatewayPlace[]): readonly DefaultRoute[] {
  const order = places.length > 1 ? inOrder(places) : places.filter(({ internal }) => !internal);
  return families.flatMap((family) => {
    const place = order.find(
      ({ endpoint, parent }) => endpoint[family] && (isRoutedMode(parent?.mode) || endpoint[family].gateway !== undefined),
    );
    if (!place) return [];
    const { [family]: own, link } = place.endpoint;
    return [{ family, link, ...(isRoutedMode(place.parent?.mode) || own?.gateway === undefined ? {} : { gateway: own.gateway }) }];
  });
}

/** The place that ports are published on; undefined where none can be. */
export function publishingPlace<P extends GatewayPlace>(places: readonly P[]): P | undefined {
  const bridges = inOrder(places).filter(({ driver = "bridge" }) => driver === "bridge");
  return bridges.find(({ endpoint }) => endpoint.ipv4) ?? bridges[0];
}
