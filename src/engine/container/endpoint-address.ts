// Addresses of a container's place on a network: the one asked for, the one it had, or the next free one of a pool, against the leases.
import { TsnsError } from "../../base/error.ts";
import type { NetworkAttachment } from "../../container/spec/network.ts";
import { familyOfText, type IpFamily, ipContains, parseIp, renderIp, requireIpSubnet } from "../../network/ip.ts";
import { barredOf, checkAsked, nextFree } from "../../network/pool.ts";
import type { Endpoint, EndpointAddress, NetworkPool, NetworkSpec } from "../../network/spec.ts";
import { listAddressLeases } from "../../store/lease.ts";
import type { Engine } from "../engine.ts";

/** One address of each family the network has. Throws TsnsError invalid, conflict naming who has an address, unavailable when all are given. */
export function chooseAddresses(
  engine: Engine,
  spec: NetworkSpec,
  asked: Pick<NetworkAttachment, "ipv4" | "ipv6">,
  previous?: Endpoint,
): Pick<Endpoint, "ipv4" | "ipv6"> {
  const leased = listAddressLeases(engine.store, spec.name);
  const taken = new Set(leased);
  const choose = (family: IpFamily): EndpointAddress | undefined => {
    const pools = spec.pools.filter(({ subnet }) => familyOfText(subnet) === family);
    const wanted = asked[family];
    if (wanted !== undefined) return askedAddress(engine, spec, pools, wanted, taken);
    if (pools.length === 0) return undefined;
    const before = previous?.[family]?.address;
    return (
      pools.map((pool) => sameAgain(pool, before, taken)).find(Boolean) ??
      nextOf(
        pools,
        taken,
        leased.findLast((address) => familyOfText(address) === family),
      ) ??
      exhausted(spec, pools)
    );
  };
  const [ipv4, ipv6] = [choose("ipv4"), choose("ipv6")];
  return { ...(ipv4 ? { ipv4 } : {}), ...(ipv6 ? { ipv6 } : {}) };
}

const placeIn = ({ subnet, gateway }: NetworkPool, address: string): EndpointAddress => ({
  address,
  prefixLength: requireIpSubnet(subnet).prefixLength,
  ...(gateway === undefined ? {} : { gateway }),
});

/** The address of the run before, where it is still free and the range still has it. */
function sameAgain(pool: NetworkPool, before: string | undefined, taken: ReadonlySet<string>): EndpointAddress | undefined {
  const ip = before === undefined ? undefined : parseIp(before);
  if (!ip || before === undefined || taken.has(before) || barredOf(pool).has(before)) return undefined;
  return ipContains(requireIpSubnet(pool.ipRange ?? pool.subnet), ip) ? placeIn(pool, before) : undefined;
}

function nextOf(pools: readonly NetworkPool[], taken: ReadonlySet<string>, last: string | undefined): EndpointAddress | undefined {
  for (const pool of pools) {
    const address = nextFree(pool, taken, last);
    if (address !== undefined) return placeIn(pool, address);
  }
  return undefined;
}

function exhausted({ name }: NetworkSpec, pools: readonly NetworkPool[]): never {
  const ranges = pools.map(({ ipRange, subnet }) => ipRange ?? subnet).join(", ");
  throw new TsnsError("unavailable", "pool-exhausted", `network ${name}: no free address in ${ranges}`, {
    hint: "remove containers that are no longer needed, or make a network with a larger --subnet",
    exitCode: 125,
  });
}

function askedAddress(
  engine: Engine,
  { name }: NetworkSpec,
  pools: readonly NetworkPool[],
  text: string,
  taken: ReadonlySet<string>,
): EndpointAddress {
  const pool = checkAsked(name, pools, text);
  const ip = parseIp(text);
  const address = ip ? renderIp(ip) : text;
  if (!taken.has(address)) return placeIn(pool, address);
  const row = engine.store.get(
    "SELECT container.name AS holder FROM address_lease JOIN container ON container.id = address_lease.container WHERE network = ? AND address = ?",
    name,
    address,
  );
  throw new TsnsError(
    "conflict",
    "address-taken",
    `network ${name}: Address already in use: ${text}${row ? ` by container ${row.holder}` : ""}`,
    {
      hint: "choose another, or remove the container that has it",
      exitCode: 125,
    },
  );
}
