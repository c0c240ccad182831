// Checks what containers need of the host's networking: gathers the facts, the judgement is src/network/check.ts's.
import { TsnsError } from "../../base/error.ts";
import { readAllRules } from "../../kernel/iptables/all.ts";
import { publishedPortsOf, readCheckSysctls, readFirewalls, readNameservers, ruleFactsOf } from "../../kernel/network/check.ts";
import { readRouteTable } from "../../kernel/network/link-table.ts";
import { type CheckResult, checkNetworking, type PeerFact } from "../../network/check.ts";
import type { Engine } from "../engine.ts";
import { readOwnNetworks } from "./own.ts";
import { listVethPairs } from "./veth.ts";

function readPeers(engine: Engine): readonly PeerFact[] {
  return listVethPairs(engine).flatMap(({ end, peer }) => {
    if (!peer || end.owner !== "host" || end.master === "") return [];
    return [{ bridge: end.master, owner: peer.owner, link: peer.name, mac: peer.mac, mtu: peer.mtu, addresses: peer.addresses }];
  });
}

/** Every check with what was found. Rules that may not be read are a result, no error. */
export async function checkHostNetworking(engine: Engine): Promise<readonly CheckResult[]> {
  const table = readRouteTable();
  let fault = "";
  const sets = await readAllRules().catch((error: unknown) => {
    if (!(error instanceof TsnsError)) throw error;
    fault = error.message;
    return undefined;
  });
  return checkNetworking({
    ...table,
    sysctls: readCheckSysctls(table.links.map(({ name }) => name)),
    peers: readPeers(engine),
    rules: sets && ruleFactsOf(sets),
    rulesFault: fault,
    published: sets ? publishedPortsOf(sets) : [],
    firewalls: readFirewalls(),
    nameservers: readNameservers(),
    // Settings take no addresses; those of macvlan and ipvlan are meant to be the parent's.
    networks: readOwnNetworks(engine)
      .filter(({ driver = "bridge", configOnly }) => driver === "bridge" && !configOnly)
      .flatMap(({ name, bridge, pools }) => pools.map(({ subnet }) => ({ name, bridge, subnet }))),
  });
}
