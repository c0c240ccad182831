// Which ports of this host are open to whom, and what decides it.
import { TsnsError } from "../../base/error.ts";
import { type Door, doorsOf } from "../../network/exposed/door.ts";
import { exposure, namedSide, type Row, type Side } from "../../network/exposed/matrix.ts";
import { relayedAddress } from "../../network/port-relay.ts";
import { parseIp } from "../../network/rule/address.ts";
import { senderOfNetwork } from "../../network/trace/place.ts";
import type { Engine } from "../engine.ts";
import { requireSight } from "./trace.ts";
import { type NamedWorld, openWorld } from "./trace-world.ts";

export interface NamedRow extends Row {
  /** The container or process behind it. */
  readonly owner: string;
}

/** `sides`: host, lan, internet, or networks. Throws TsnsError denied without CAP_NET_ADMIN, invalid for what is no network. */
export function readExposure(engine: Engine, sides: readonly string[]): readonly NamedRow[] {
  requireSight("say what is exposed");
  const world = openWorld(engine);
  const looked = sides.map((name) => sideOf(world, name));
  return exposure(world, world.host, doorsOf(world.host), looked).map((row) => ({ ...row, owner: ownerOf(world, row.door) }));
}

function sideOf(world: NamedWorld, name: string): Side {
  if (name === "host" || name === "lan" || name === "internet") return namedSide(world.host, name);
  if (!/[.:]/.test(name))
    throw new TsnsError("invalid", "bad-side", `"${name}" is no side to look from`, {
      hint: "write host, lan, internet or a network such as 10.1.2.0/24",
      exitCode: 2,
    });
  const sender = senderOfNetwork(world, world.host, name);
  const family = sender.source?.family;
  return { name, senderTo: (destination) => (destination.family === family ? sender : undefined) };
}

function ownerOf(world: NamedWorld, { to, listener }: Door): string {
  const target = to?.slice(0, to.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1") ?? "";
  const address = parseIp(relayedAddress(target) ?? target);
  if (address) {
    const having = [...world.spaces.values()].filter(({ addresses }) =>
      addresses.some(({ ip }) => ip.family === address.family && ip.value === address.value),
    );
    // Namespaces with bridges of their own may use the same addresses.
    const space = having.find(({ links }) => links.some(({ peer }) => peer?.space === world.host.id)) ?? having[0];
    return space ? space.label : "nobody";
  }
  return (listener && world.host.ownerOf(listener)) ?? (to === undefined ? "unknown" : "this host");
}
