// Where the traffic of a container is counted. As docker has it: what goes through the links of its networks; a container on the host's
// network or on none has no traffic of its own, one in another's network has that one's. Pure.
import { type ContainerState, isLive } from "../../container/record.ts";

export type TrafficSource =
  | { readonly kind: "none" }
  /** Host ends of its veth pairs: what such a link sends its container receives. */
  | { readonly kind: "links"; readonly names: readonly string[] }
  /** Links without a host end (macvlan, ipvlan): counted inside, by any process there. */
  | { readonly kind: "process"; readonly pid: number };

const none: TrafficSource = { kind: "none" };

/** `find`: another container by its name, its id or the start of one, for those in its network. `passed`: ids of those that led here. */
export function trafficSourceOf(
  state: ContainerState,
  find: (reference: string) => ContainerState | undefined,
  passed: readonly string[] = [],
): TrafficSource {
  const { spec, run } = state.record;
  if (spec.network.mode === "container") {
    const other = find(spec.network.container);
    if (other?.record.id === state.record.id) return none;
    // The one that made the network may have ended while this one is still in it, and another may have its name now, even one of those that
    // this one led to.
    const isKnown = other && isLive(other) && !passed.includes(other.record.id);
    return isKnown ? trafficSourceOf(other, find, [...passed, state.record.id]) : { kind: "process", pid: state.pid };
  }
  const endpoints = run?.endpoints ?? [];
  if (endpoints.length === 0 || state.pid === 0) return none;
  const names = endpoints.map(({ hostLink }) => hostLink);
  return names.includes("") ? { kind: "process", pid: state.pid } : { kind: "links", names };
}
