// The events of networks of containers, with the attributes docker gives them. Not where they are kept.
import type { NetworkMode } from "../../container/spec/network.ts";
import { builtInNetworkId } from "../../network/name.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { recordEvent } from "../event.ts";

/** What an event says of a network. */
type Told = Pick<NetworkRecord, "id"> & { readonly spec: Pick<NetworkRecord["spec"], "name"> & { readonly driver?: string } };

/** `container`: the id of the one that has come to the network, or left it. */
export function recordNetworkEvent(
  engine: Engine,
  { id, spec }: Told,
  action: "create" | "connect" | "disconnect" | "destroy",
  container?: string,
): void {
  const attributes = { ...(container === undefined ? {} : { container }), name: spec.name, type: spec.driver ?? "bridge" };
  recordEvent(engine, { type: "network", action, id, attributes });
}

/** docker tells of the networks host and none as of others; a container with another's network is on none. */
export function recordModeEvent(engine: Engine, { mode }: NetworkMode, action: "connect" | "disconnect", container: string): void {
  if (mode !== "host" && mode !== "none") return;
  const driver = mode === "none" ? "null" : mode;
  recordNetworkEvent(engine, { id: builtInNetworkId(engine.root, mode), spec: { name: mode, driver } }, action, container);
}
