// Plans on bridges and their ports with brctl's meaning, from the links that were observed. Pure; refuses what the kernel would
// refuse, and what would only look as if it worked.
import { TsnsError } from "../base/error.ts";
import type { Plan } from "../plan/plan.ts";
import type { BridgeOption, PortOption } from "../plan/step/bridge.ts";
import { requireFree, requireLink, requireName, requirePortable } from "./link-name.ts";
import type { Link } from "./link-state.ts";

/** A network namespace with its links. */
export interface BridgePlace {
  /** File of the namespace; absent: the one tsns is in. */
  readonly path?: string;
  /** "this namespace", "container web". */
  readonly label: string;
  readonly links: readonly Link[];
}

const inside = ({ path }: BridgePlace) => (path === undefined ? {} : { namespace: path });

function noSuchBridge(name: string, { links, label }: BridgePlace): TsnsError {
  const link = links.find((candidate) => candidate.name === name);
  const bridges = links.filter(({ bridge }) => bridge).map((bridge) => bridge.name);
  const hint =
    bridges.length > 0 ? `there are ${bridges.slice(0, 8).join(", ")}` : `there is none in ${label}; tsns net bridge add makes one`;
  if (link) return new TsnsError("invalid", "not-a-bridge", `${name} is no bridge but ${kindOf(link)}`, { hint });
  return new TsnsError("not-found", "no-such-bridge", `bridge ${name} not found`, { hint });
}

const kindOf = ({ kind }: Link) => (kind === "" ? "an interface of another kind" : `a link of kind ${kind}`);

/** The bridge of a name. Throws TsnsError not-found `no-such-bridge`, invalid `not-a-bridge`. */
export function requireBridge(place: BridgePlace, name: string): Link {
  const link = place.links.find((candidate) => candidate.name === name);
  if (!link?.bridge) throw noSuchBridge(name, place);
  return link;
}

/** The port of a bridge. Throws TsnsError not-found `no-such-interface`, `not-a-port`. */
function requirePort(place: BridgePlace, bridge: Link, name: string): Link {
  const link = requireLink(place.links, name, place.label);
  if (link.master === bridge.index) return link;
  const ports = place.links.filter(({ master }) => master === bridge.index).map((port) => port.name);
  const master = place.links.find(({ index }) => index === link.master)?.name;
  throw new TsnsError("not-found", "not-a-port", `${name} is no port of ${bridge.name}${master ? ` but of ${master}` : ""}`, {
    hint: ports.length > 0 ? `its ports are ${ports.slice(0, 8).join(", ")}` : `${bridge.name} has no ports`,
  });
}

export function planBridgeAdd(name: string, place: BridgePlace): Plan {
  requireName(name);
  const taken = place.links.find((link) => link.name === name);
  if (taken?.bridge) {
    throw new TsnsError("conflict", "bridge-exists", `bridge ${name} exists already`, { hint: "choose another name, or use it as it is" });
  }
  requireFree(place.links, name, place.label);
  const at = inside(place);
  return {
    steps: [
      {
        step: { kind: "bridge.create", name, ...at },
        because: `${name} will pass frames between its ports`,
        undo: { kind: "link.remove", name, ...at },
      },
    ],
  };
}

/** A bridge that is up is only taken away with `force`: brctl refuses it. */
export function planBridgeRemove(name: string, place: BridgePlace, force: boolean): Plan {
  const bridge = requireBridge(place, name);
  if (bridge.up && !force) {
    throw new TsnsError("conflict", "bridge-up", `bridge ${name} is up`, { hint: `tsns net link down ${name} first, or add --force` });
  }
  return { steps: [{ step: { kind: "link.remove", name, ...inside(place) }, because: "its ports stay, without a bridge" }] };
}

/** Joins ports to a bridge. Throws conflict `port-taken` naming the bridge a port belongs to. */
export function planPortAdd(bridgeName: string, names: readonly string[], place: BridgePlace): Plan {
  const bridge = requireBridge(place, bridgeName);
  const links = [...new Set(names)].map((name) => requireJoinable(place, bridge, name));
  return {
    steps: links.map(({ name }) => ({
      step: { kind: "link.set", name, change: { master: bridge.name }, ...inside(place) },
      because: `${name} becomes a port of ${bridge.name}`,
      undo: { kind: "link.set", name, change: { master: "" }, ...inside(place) },
    })),
  };
}

function requireJoinable(place: BridgePlace, bridge: Link, name: string): Link {
  const link = requireLink(place.links, name, place.label);
  requirePortable(link);
  if (link.master === undefined) return link;
  const master = place.links.find(({ index }) => index === link.master)?.name ?? `if${link.master}`;
  if (link.master === bridge.index) {
    throw new TsnsError("conflict", "port-taken", `${name} is a port of ${master} already`, { hint: "nothing is left to do" });
  }
  throw new TsnsError("conflict", "port-taken", `${name} belongs to ${master}`, { hint: `tsns net bridge delif ${master} ${name} first` });
}

export function planPortRemove(bridgeName: string, names: readonly string[], place: BridgePlace): Plan {
  const bridge = requireBridge(place, bridgeName);
  const ports = [...new Set(names)].map((name) => requirePort(place, bridge, name));
  return {
    steps: ports.map(({ name }) => ({
      step: { kind: "link.set", name, change: { master: "" }, ...inside(place) },
      because: `${name} leaves ${bridge.name}`,
      undo: { kind: "link.set", name, change: { master: bridge.name }, ...inside(place) },
    })),
  };
}

/** Bounds that hold only while the spanning tree protocol is on, in hundredths of a second: net/bridge/br_private_stp.h. */
const stpForwardDelay = { least: 200, most: 3000 } as const;

function previousOf({ bridge }: Link, option: BridgeOption): number {
  if (!bridge) return 0;
  if (option === "stp_state") return bridge.stp ? 1 : 0;
  if (option === "priority") return bridge.priority;
  if (option === "ageing_time") return bridge.ageingTimeCentiseconds;
  if (option === "forward_delay") return bridge.forwardDelayCentiseconds;
  return option === "hello_time" ? bridge.helloTimeCentiseconds : bridge.maxAgeCentiseconds;
}

/** Sets an option of a bridge; `value` is within the bounds that always hold (bridge-option.ts). */
export function planBridgeSet(name: string, option: BridgeOption, value: number, place: BridgePlace): Plan {
  const bridge = requireBridge(place, name);
  if (option === "forward_delay" && bridge.bridge?.stp && (value < stpForwardDelay.least || value > stpForwardDelay.most)) {
    throw new TsnsError("invalid", "bad-forward-delay", `a forward delay of ${value / 100} seconds is out of bounds while STP is on`, {
      hint: `2 to 30 seconds, or switch STP off first: tsns net bridge stp ${name} off`,
    });
  }
  return {
    steps: [
      {
        step: { kind: "bridge.set", name, option, value, ...inside(place) },
        because: `${option} of ${name} was ${previousOf(bridge, option)}`,
        undo: { kind: "bridge.set", name, option, value: previousOf(bridge, option), ...inside(place) },
      },
    ],
  };
}

function previousOfPort({ port }: Link, option: PortOption): number {
  if (!port) return 0;
  if (option === "cost") return port.pathCost;
  if (option === "priority") return port.priority;
  return (option === "hairpin" ? port.hairpin : port.isolated) ? 1 : 0;
}

export function planPortSet(bridgeName: string, name: string, option: PortOption, value: number, place: BridgePlace): Plan {
  const port = requirePort(place, requireBridge(place, bridgeName), name);
  const previous = previousOfPort(port, option);
  return {
    steps: [
      {
        step: { kind: "port.set", name, option, value, ...inside(place) },
        because: `${option} of ${name} was ${previous}`,
        undo: { kind: "port.set", name, option, value: previous, ...inside(place) },
      },
    ],
  };
}
