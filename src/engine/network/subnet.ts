// The pools of a new network, chosen or checked against what the host and the store have. Makes nothing; call it under the network claim.
import { TsnsError } from "../../base/error.ts";
import { describeTaken, readTakenSubnets, type TakenSubnet } from "../../kernel/network/taken.ts";
import { type IpFamily, type IpSubnet, ipOverlaps, renderIpSubnet, requireIpSubnet } from "../../network/ip.ts";
import { nextFree } from "../../network/pool.ts";
import type { NetworkPool } from "../../network/spec.ts";
import { chooseSubnet, isDefaultRoute, proposeSubnet } from "../../network/subnet-choice.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { readAddressPools } from "./pool-settings.ts";

/** A subnet nobody else may have, and what to call its holder. */
interface Obstacle {
  readonly subnet: IpSubnet;
  readonly holder: string;
}

export interface PoolChoice {
  readonly name: string;
  /** As they were asked for; families without one get one. */
  readonly asked: readonly NetworkPool[];
  readonly families: readonly IpFamily[];
  /** Networks there are already. */
  readonly others: readonly NetworkRecord[];
  /** false: routes of the host are no obstacle to a subnet that is asked for, as the network is that of a link of the host (macvlan, ipvlan). */
  readonly avoidsRoutes: boolean;
  /** false: no gateway is made up where none is given. */
  readonly hasGateway: (family: IpFamily) => boolean;
}

/** Throws conflict `pool-overlap`, unavailable `pools-exhausted`. */
export function choosePools(engine: Engine, choice: PoolChoice): readonly NetworkPool[] {
  const { asked, families, others } = choice;
  const networks = others.flatMap(obstaclesOf);
  const all = [...networks, ...readTakenSubnets().flatMap((taken) => (isDefaultRoute(taken.subnet) ? [] : [obstacleOf(taken)]))];
  const obstacles = choice.avoidsRoutes ? all : networks;
  const wanted = families.flatMap((family): readonly NetworkPool[] => {
    const own = asked.filter(({ subnet }) => requireIpSubnet(subnet).family === family);
    if (own.length === 0) return [{ subnet: freeSubnet(engine, choice.name, family, all) }];
    for (const { subnet } of own) refuseOverlap(engine, requireIpSubnet(subnet), obstacles);
    return own;
  });
  return wanted.map((pool) => withGateway(pool, choice.hasGateway(requireIpSubnet(pool.subnet).family)));
}

const obstaclesOf = ({ spec }: NetworkRecord): readonly Obstacle[] =>
  spec.configOnly
    ? []
    : spec.pools.map(({ subnet }) => ({ subnet: requireIpSubnet(subnet), holder: `network ${spec.name} has ${subnet}` }));

const obstacleOf = (taken: TakenSubnet): Obstacle => ({ subnet: taken.subnet, holder: `this host has ${describeTaken(taken)}` });

function withGateway(pool: NetworkPool, hasGateway: boolean): NetworkPool {
  if (pool.gateway !== undefined || !hasGateway) return pool;
  // Of the whole subnet: a range for containers is no reason to put the gateway into it.
  const { ipRange: _, ...whole } = pool;
  const gateway = nextFree(whole, new Set());
  return gateway === undefined ? pool : { ...pool, gateway };
}

function freeSubnet(engine: Engine, name: string, family: IpFamily, obstacles: readonly Obstacle[]): string {
  const pools = readAddressPools(engine.root);
  const taken = obstacles.map(({ subnet }) => subnet);
  const found = chooseSubnet(pools, family, taken);
  if (found) return renderIpSubnet(found);
  const ranges = pools.flatMap(({ base }) => (requireIpSubnet(base).family === family ? [base] : []));
  throw new TsnsError(
    "unavailable",
    "pools-exhausted",
    `network ${name}: all predefined address pools have been fully subnetted: ${ranges.join(", ")}`,
    { hint: "remove networks nobody uses (tsns network prune), give --subnet, or more default-address-pools in /etc/tsns/networks.json" },
  );
}

function refuseOverlap(engine: Engine, subnet: IpSubnet, obstacles: readonly Obstacle[]): void {
  const hit = obstacles.find((obstacle) => ipOverlaps(obstacle.subnet, subnet));
  if (!hit) return;
  const text = renderIpSubnet(subnet);
  const taken = obstacles.map((obstacle) => obstacle.subnet);
  const free = proposeSubnet(readAddressPools(engine.root), subnet, taken);
  throw new TsnsError("conflict", "pool-overlap", `Pool overlaps with other one on this address space: ${text}, and ${hit.holder}`, {
    hint:
      free === undefined
        ? "give another --subnet"
        : `${renderIpSubnet(free)} is free: give it as --subnet, or none at all to have one chosen`,
  });
}
