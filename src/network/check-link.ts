// Checks of links, subnets and MTUs: what bridges and containers have against what the rest of the host has. Pure.
import type { CheckFacts, CheckResult } from "./check.ts";
import { uplinksOf } from "./check-setting.ts";
import { networkOf, type Prefix, parsePrefix, prefixesOverlap, renderPrefix } from "./link-address.ts";
import { localTable, mainTable, nameOf, renderDestination, routeTables } from "./route-state.ts";

export function checkLinks(facts: CheckFacts): readonly CheckResult[] {
  return [
    ...checkOverlap(facts),
    ...checkMtu(facts),
    ...orFine(checkCarrier(facts), "bridge-carrier", `${bridgesOf(facts).length} bridges are up or without ports`, carrierWhy),
    ...orFine(checkAddresses(facts), "duplicate-address", "no address is used twice on this host and its bridges", addressWhy),
    ...orFine(checkMacs(facts), "duplicate-mac", "no hardware address is used twice on a bridge", macWhy),
  ];
}

const bridgesOf = ({ links }: CheckFacts) => links.filter(({ kind }) => kind === "bridge");

function orFine(results: readonly CheckResult[], name: string, found: string, why: string): readonly CheckResult[] {
  return results.length > 0 ? results : [{ name, status: "ok", found, why, fix: "" }];
}

interface OwnSubnet {
  readonly owner: string;
  readonly bridge: string;
  readonly prefix: Prefix;
}

/** Networks on bridges, and those of the store that have no bridge now. */
function subnetsOf(facts: CheckFacts): readonly OwnSubnet[] {
  const bridges = bridgesOf(facts);
  const live = bridges.flatMap(({ index, name }) =>
    facts.addresses
      .filter((address) => address.linkIndex === index && address.scope === "global")
      .map((address): OwnSubnet => ({ owner: `bridge ${name}`, bridge: name, prefix: networkOf(address) })),
  );
  const planned = facts.networks
    .filter(({ bridge }) => !bridges.some(({ name }) => name === bridge))
    .flatMap(({ name, bridge, subnet }): OwnSubnet[] => {
      const prefix = parsePrefix(subnet);
      return prefix ? [{ owner: `network ${name}`, bridge, prefix: networkOf(prefix) }] : [];
    });
  return [...live, ...planned];
}

const overlapWhy = "packets to the container or to the other network take the wrong way, by whichever route is the narrower";

function checkOverlap(facts: CheckFacts): readonly CheckResult[] {
  const subnets = subnetsOf(facts).filter(({ prefix }) => !isLinkLocal(prefix));
  const routes = facts.routes.filter(
    ({ type, table, destination }) => type === "unicast" && table !== localTable && destination.prefixLength > 0,
  );
  const results = [...bridgeOverlaps(subnets), ...subnets.flatMap((subnet) => routeOverlaps(facts, subnet, subnets, routes))];
  const found = `${subnets.length} networks of bridges against ${routes.length} routes of the host: none overlaps`;
  return orFine(results, "subnet-overlap", found, overlapWhy);
}

function bridgeOverlaps(subnets: readonly OwnSubnet[]): readonly CheckResult[] {
  return subnets.flatMap(({ owner, bridge, prefix }, at) =>
    subnets
      .slice(at + 1)
      .filter((other) => other.bridge !== bridge && prefixesOverlap(other.prefix, prefix))
      .map(
        (other): CheckResult => ({
          name: "subnet-overlap",
          status: "fail",
          found: `${owner} has ${renderPrefix(prefix)}, ${other.owner} has ${renderPrefix(other.prefix)}`,
          why: overlapWhy,
          fix: other.owner.startsWith("network ") ? `tsns ${other.owner.replace(" ", " rm ")}` : "",
        }),
      ),
  );
}

/** Routes of other links; those to an equal or smaller network win and fail, those to a larger one lose and warn. Other bridges' are told above. */
function routeOverlaps(
  facts: CheckFacts,
  { owner, bridge, prefix }: OwnSubnet,
  subnets: readonly OwnSubnet[],
  routes: CheckFacts["routes"],
): readonly CheckResult[] {
  const linkName = (index: number) => facts.links.find((link) => link.index === index)?.name ?? "";
  const told = new Set([bridge, ...subnets.map((other) => other.bridge)]);
  return routes
    .filter(({ linkIndex, destination }) => !told.has(linkName(linkIndex)) && prefixesOverlap(destination, prefix))
    .map(({ destination, gateway, linkIndex, table }): CheckResult => {
      const link = linkIndex === 0 ? "" : ` dev ${linkName(linkIndex)}`;
      const where = table === mainTable ? "" : ` table ${nameOf(routeTables, table)}`;
      const route = `${renderDestination(destination)}${gateway === "" ? "" : ` via ${gateway}`}${link}${where}`;
      const lost = destination.prefixLength >= prefix.prefixLength;
      return {
        name: "subnet-overlap",
        status: lost ? "fail" : "warn",
        found: `${owner} has ${renderPrefix(prefix)}, a route of the host is ${route}`,
        why: overlapWhy,
        fix: lost ? `tsns net route del ${route}` : "",
      };
    });
}

const isLinkLocal = ({ address }: Prefix): boolean => address.startsWith("fe80:") || address.startsWith("169.254.");

/** The smallest link that default routes leave by decides. */
function checkMtu(facts: CheckFacts): readonly CheckResult[] {
  const names = uplinksOf(facts);
  const uplinks = facts.links.filter(({ name }) => names.includes(name));
  const why = "packets larger than the way out takes are lost where the sender does not hear of it: connections open and then hang";
  const smallest = uplinks.reduce<(typeof uplinks)[number] | undefined>(
    (least, link) => (least && least.mtu <= link.mtu ? least : link),
    undefined,
  );
  if (!smallest) return [{ name: "mtu", status: "ok", found: "no default route: nothing leaves this host", why, fix: "" }];
  const egress = `${smallest.name}, the way out, has an MTU of ${smallest.mtu}`;
  const peers = facts.peers.filter(({ mtu }) => mtu > smallest.mtu);
  // A bridge without ports follows the first one's.
  const used = (index: number) => facts.links.some(({ master }) => master === index);
  const isUplink = (name: string) => uplinks.some((link) => link.name === name);
  const bridges = bridgesOf(facts).filter(({ mtu, name, index }) => mtu > smallest.mtu && used(index) && !isUplink(name));
  return orFine(
    [
      ...peers.map(
        ({ owner, link, mtu }): CheckResult => ({
          name: "mtu",
          status: "fail",
          found: `${link} of ${owner} has an MTU of ${mtu}, ${egress}`,
          why,
          fix: `tsns net link set ${link} mtu ${smallest.mtu} --in ${/\(pid (\d+)\)$/.exec(owner)?.[1] ?? owner}`,
        }),
      ),
      ...bridges.map(
        ({ name, mtu }): CheckResult => ({
          name: "mtu",
          status: "warn",
          found: `bridge ${name} has an MTU of ${mtu}, ${egress}`,
          why,
          fix: `tsns net link set ${name} mtu ${smallest.mtu}`,
        }),
      ),
    ],
    "mtu",
    `${egress}; no bridge and no container has more`,
    why,
  );
}

const carrierWhy = "a bridge that is down, or whose ports are all down, carries nothing";

function checkCarrier(facts: CheckFacts): readonly CheckResult[] {
  return bridgesOf(facts).flatMap(({ index, name, up, carrier }): readonly CheckResult[] => {
    const ports = facts.links.filter(({ master }) => master === index);
    const used = ports.length > 0 || facts.addresses.some((address) => address.linkIndex === index && address.scope === "global");
    if (!up && used) {
      return [
        { name: "bridge-carrier", status: "fail", found: `bridge ${name} is down`, why: carrierWhy, fix: `tsns net link up ${name}` },
      ];
    }
    if (carrier || ports.length === 0) return [];
    const down = ports.filter((port) => !port.up).map((port) => port.name);
    const found = `bridge ${name} has ${ports.length} ports and no carrier${down.length > 0 ? `, down: ${down.join(", ")}` : ""}`;
    return [
      { name: "bridge-carrier", status: "warn", found, why: carrierWhy, fix: down.length > 0 ? `tsns net link up ${down.join(" ")}` : "" },
    ];
  });
}

/** Who has each key, for keys that more than one has. */
function twice(pairs: readonly (readonly [key: string, who: string])[]): readonly (readonly [string, readonly string[]])[] {
  const holders = new Map<string, Set<string>>();
  for (const [key, who] of pairs) {
    const known = holders.get(key);
    if (known) known.add(who);
    else holders.set(key, new Set([who]));
  }
  return [...holders].filter(([, who]) => who.size > 1).map(([key, who]) => [key, [...who]]);
}

const bare = (address: string): string => address.replace(/\/\d+$/, "");
const addressWhy = "who asks for the address gets an answer from either, by turns";
const macWhy = "the bridge sends frames to whichever spoke last, the other one loses its connections";

/** The host's own links, and on each bridge the ends behind its ports. */
function checkAddresses(facts: CheckFacts): readonly CheckResult[] {
  const nameOf = (index: number) => facts.links.find((link) => link.index === index)?.name ?? "";
  const host = facts.addresses
    .filter(({ scope }) => scope === "global")
    .map(({ address, linkIndex }) => [`${address}`, `${nameOf(linkIndex)} of the host`] as const);
  const inside = facts.peers.flatMap(({ addresses, owner, link }) =>
    addresses.filter((address) => !address.startsWith("fe80:")).map((address) => [bare(address), `${link} of ${owner}`] as const),
  );
  return twice([...host, ...inside]).map(([address, holders]) => ({
    name: "duplicate-address",
    status: "fail",
    found: `${address} is an address of ${holders.join(" and of ")}`,
    why: addressWhy,
    fix: `tsns net addr del ${address} dev ${holders.at(-1)?.split(" ")[0]}${inPeer(holders.at(-1) ?? "")}`,
  }));
}

/** `--in` for a holder that is not the host. */
function inPeer(holder: string): string {
  const owner = holder.slice(holder.indexOf(" of ") + 4);
  if (owner === "the host") return "";
  return ` --in ${/\(pid (\d+)\)$/.exec(owner)?.[1] ?? owner}`;
}

function checkMacs(facts: CheckFacts): readonly CheckResult[] {
  const pairs = facts.peers.map(({ bridge, mac, owner, link }) => [`${bridge} ${mac}`, `${link} of ${owner}`] as const);
  return twice(pairs).map(([key, holders]) => {
    const [bridge = "", mac = ""] = key.split(" ");
    const last = holders.at(-1) ?? "";
    return {
      name: "duplicate-mac",
      status: "fail",
      found: `on bridge ${bridge} ${mac} is the hardware address of ${holders.join(" and of ")}`,
      why: macWhy,
      fix: `tsns net link set ${last.split(" ")[0]} address 02:$(od -An -N5 -tx1 /dev/urandom | tr ' ' : | cut -c2-)${inPeer(last)}`,
    };
  });
}
