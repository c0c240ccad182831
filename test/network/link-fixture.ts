// Links, addresses and routes as a kernel might have them, for tests of what is planned and judged from them.
import { familyOf, type Prefix, parsePrefix } from "../../src/network/link-address.ts";
import type { AddressState, LinkDetail } from "../../src/network/link-detail.ts";
import type { RouteState } from "../../src/network/route-state.ts";

export function link(index: number, name: string, change: Partial<LinkDetail> = {}): LinkDetail {
  return {
    index,
    name,
    kind: "",
    type: "ether",
    flags: [],
    up: true,
    carrier: true,
    state: "UP",
    operationalState: 6,
    mac: `02:00:00:00:00:${index.toString(16).padStart(2, "0")}`,
    broadcast: "ff:ff:ff:ff:ff:ff",
    mtu: 1500,
    minimumMtu: 68,
    maximumMtu: 65_535,
    txQueueLength: 1000,
    promiscuous: false,
    promiscuity: 0,
    alias: "",
    qdisc: "noqueue",
    peerElsewhere: false,
    ...change,
  };
}

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed) throw new Error(`${text} is no prefix`);
  return parsed;
}

export function address(linkIndex: number, text: string): AddressState {
  return { linkIndex, ...prefix(text), scope: "global", label: "", flags: ["permanent"] };
}

export function route(destination: string, linkIndex: number, change: Partial<RouteState> = {}): RouteState {
  return {
    family: familyOf(destination),
    type: "unicast",
    destination: prefix(destination),
    gateway: "",
    linkIndex,
    source: "",
    metric: 0,
    table: 254,
    protocol: 2,
    scope: 253,
    flags: [],
    mtuBytes: 0,
    nextHops: [],
    ...change,
  };
}
