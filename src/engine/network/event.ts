// The events of networks of containers, with the attributes docker gives them. Not where they are kept.
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { recordEvent } from "../event.ts";

/** `container`: the id of the one that has come to the network, or left it. */
export function recordNetworkEvent(
  engine: Engine,
  { id, spec }: Pick<NetworkRecord, "id" | "spec">,
  action: "create" | "connect" | "disconnect" | "destroy",
  container?: string,
): void {
  const attributes = { ...(container === undefined ? {} : { container }), name: spec.name, type: spec.driver ?? "bridge" };
  recordEvent(engine, { type: "network", action, id, attributes });
}
