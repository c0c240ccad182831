// The world of the reachability matrix, in fresh namespaces: this machine as the host with a LAN beside it, and containers on five networks,
// made by tsns or docker with the same words. Asks cells and tells whose address was seen; what is right it does not know.
import { execFileSync } from "node:child_process";
import type { Test } from "tap";
import { loopbackSource } from "../../src/network/loopback-return.ts";
import { openSpace, type Space } from "../network/namespace-lab.ts";
import {
  type Cell,
  cellName,
  containerPort,
  type Extent,
  type Family,
  firstHostPort,
  type Place,
  type Publication,
  portOf,
} from "./cell.ts";
import { type Talk, waitForTalk } from "./talk.ts";

/** Runs tsns or docker with these words; its output without the last newline, or throws. */
export type Command = (args: readonly string[]) => Promise<string>;

export const lan = { ipv4: "10.99.0.1", ipv6: "fd99::1" } as const;
export const outside = {
  lan: { ipv4: "10.99.0.2", ipv6: "fd99::2" },
  remote: { ipv4: "10.98.0.2", ipv6: "fd98::2" },
} as const;
const loopback = { ipv4: "127.0.0.1", ipv6: "::1" } as const;

/** A reachable cell's answer is waited for as long as it takes; of a blocked one this long. */
const patientMs = 30_000;
const shortMs = 800;

export interface World {
  readonly extent: Extent;
  /** Asks all cells of an origin at once. `expected` says how long an answer is worth waiting for, and what needs no reason. */
  ask(origin: Place, cells: readonly Cell[], expected: (cell: Cell) => string): Promise<Readonly<Record<string, string>>>;
  /** Runs a shell command where a place is. */
  sh(place: Place, command: string): string;
}

const sh = (command: string): string => execFileSync("sh", ["-ec", command], { encoding: "utf8" });

export type Outside = Readonly<Record<"lan" | "remote", Space>>;

/** A machine on the LAN that sends everything to the host, and one behind it. IPv6 addresses are used at once. */
export async function openOutside(t: Test): Promise<Outside> {
  // a host that routes nothing yet, as most are; what makes networks turns it on
  sh(`for file in /proc/sys/net/ipv6/conf/*/accept_dad /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
    do echo 0 > $file; done`);
  const near = await openSpace(t);
  const far = await openSpace(t);
  sh(`ip link add lan0 type veth peer name lan1 netns ${near.pid}
    ip addr add ${lan.ipv4}/24 dev lan0; ip addr add ${lan.ipv6}/64 nodad dev lan0; ip link set lan0 up
    ip route add 10.98.0.0/24 via ${outside.lan.ipv4}; ip route add fd98::/64 via ${outside.lan.ipv6}`);
  near.sh(`ip link add far0 type veth peer name far1 netns ${far.pid}
    ip addr add ${outside.lan.ipv4}/24 dev lan1; ip addr add ${outside.lan.ipv6}/64 nodad dev lan1; ip link set lan1 up
    ip addr add 10.98.0.1/24 dev far0; ip addr add fd98::1/64 nodad dev far0; ip link set far0 up
    ip route add default via ${lan.ipv4}; ip route add default via ${lan.ipv6}
    echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding`);
  far.sh(`ip addr add ${outside.remote.ipv4}/24 dev far1; ip addr add ${outside.remote.ipv6}/64 nodad dev far1; ip link set far1 up
    ip route add default via 10.98.0.1; ip route add default via fd98::1`);
  return { lan: near, remote: far };
}

/** Gateway of the internal network, which its containers have no route by. */
export const inner = { ipv4: "10.171.3.1", ipv6: "fd17:3::1" } as const;

/** Each network's words; the default one has its own. */
const networks: readonly (readonly [name: string, number: number, options: readonly string[]])[] = [
  ["front", 1, []],
  ["back", 2, []],
  ["inner", 3, ["--internal"]],
  ["routed", 4, ["-o", "com.docker.network.bridge.gateway_mode_ipv4=routed", "-o", "com.docker.network.bridge.gateway_mode_ipv6=routed"]],
];

const homes: readonly (readonly [place: Place, network: string])[] = [
  ["web", "front"],
  ["peer", "front"],
  ["far", "back"],
  ["hidden", "inner"],
  ["open", "routed"],
  ["plain", "bridge"],
];

/** Words that publish a target's ports, but those published nowhere. */
function publishing(place: Place, { families, protocols }: Extent): readonly string[] {
  const first = firstHostPort[place];
  if (first === undefined) return [];
  const at: Record<Publication, readonly string[]> = {
    any: [""],
    loopback: place === "web" ? families.map((family) => `${bracketed(loopback[family])}:`) : [],
    lan: place === "web" ? families.map((family) => `${bracketed(lan[family])}:`) : [],
    none: [],
  };
  return (Object.keys(at) as Publication[]).flatMap((publication) =>
    at[publication].flatMap((address) =>
      protocols.flatMap((protocol) => {
        const port = containerPort[publication];
        return ["-p", `${address}${first + port - containerPort.any}:${port}/${protocol}`];
      }),
    ),
  );
}

const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);

const allPorts = ({ protocols }: Extent): readonly string[] =>
  protocols.flatMap((protocol) => Object.values(containerPort).map((port) => `${protocol},*,${port}`));

interface Facts {
  readonly pid: number;
  readonly address: Readonly<Partial<Record<Family, string>>>;
  readonly gateway: Readonly<Partial<Record<Family, string>>>;
}

async function factsOf(command: Command, place: Place): Promise<Facts> {
  const template = "{{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}},{{.GlobalIPv6Address}},{{.NetworkID}}{{end}}";
  const [pid = "", rest = ""] = (await command(["inspect", "-f", template, place])).split(" ");
  const [ipv4 = "", ipv6 = "", network = ""] = rest.split(",");
  const subnets = (await command(["network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}} {{end}}", network])).split(" ");
  return {
    pid: Number(pid),
    address: { ...(ipv4 === "" ? {} : { ipv4 }), ...(ipv6 === "" ? {} : { ipv6 }) },
    gateway: { ...firstOf("ipv4", subnets), ...firstOf("ipv6", subnets) },
  };
}

/** A network's gateway is the first address of its subnet; not each engine tells of those it chose itself. */
function firstOf(family: Family, subnets: readonly string[]): Partial<Record<Family, string>> {
  const subnet = subnets.find((candidate) => candidate.includes(family === "ipv6" ? ":" : "."));
  if (subnet === undefined) return {};
  return { [family]: subnet.replace(/\/\d+$/, "").replace(family === "ipv6" ? /::\w*$/ : /\.0$/, family === "ipv6" ? "::1" : ".1") };
}

/** Makes all networks and containers from an image that has the program talk. */
export async function openWorld(spaces: Outside, command: Command, image: string, talk: Talk, extent: Extent): Promise<World> {
  for (const [name, number, options] of networks) {
    if (!homes.some(([place, network]) => network === name && extent.places.includes(place))) continue;
    const pools = extent.families.flatMap((family) => ["--subnet", family === "ipv4" ? `10.171.${number}.0/24` : `fd17:${number}::/64`]);
    await command(["network", "create", ...(extent.families.includes("ipv6") ? ["--ipv6"] : []), ...pools, ...options, name]);
  }
  const facts: Partial<Record<Place, Facts>> = {};
  for (const [place, network] of homes) {
    if (!extent.places.includes(place)) continue;
    const words = ["run", "-d", "--name", place, "--network", network, ...publishing(place, extent)];
    await command([...words, image, "talk", "serve", place, ...allPorts(extent)]);
    await waitForTalk(command, place);
    facts[place] = await factsOf(command, place);
  }
  for (const place of ["lan", "remote"] as const) await talk.serve(enter(place), place, allPorts(extent));
  const { none, loopback: own } = containerPort;
  await talk.serve(
    [],
    "host",
    extent.protocols.flatMap((p) => [`${p},*,${none}`, `${p},127.0.0.1,${own}`, `${p},::1,${own}`]),
  );

  function enter(place: Place): readonly string[] {
    if (place === "host") return [];
    const pid = place === "lan" || place === "remote" ? spaces[place].pid : facts[place]?.pid;
    return ["nsenter", "-t", `${pid}`, "-n"];
  }

  function addressOf({ origin, target, way, family }: Cell): string {
    if (way === "loopback") return loopback[family];
    if (way === "lan") return lan[family];
    if (way === "gateway") return facts[target === "host" ? origin : target]?.gateway[family] ?? "none";
    return target === "lan" || target === "remote" ? outside[target][family] : (facts[target]?.address[family] ?? "none");
  }

  /** Whose an address is. Of the host's own the gateway goes before the address it asked from. A block that is none is told with its reason. */
  function verdictOf({ origin, target, family }: Cell, answer: string, wanted: string): string {
    if (answer.startsWith("!")) return wanted === "blocked" ? wanted : `blocked (${answer.slice(1)})`;
    const [name, address = ""] = answer.split(" ");
    if (name !== target) return answer;
    const own = origin === "lan" || origin === "remote" ? outside[origin][family] : facts[origin]?.address[family];
    const known = {
      own,
      gateway: facts[target]?.gateway[family],
      lan: lan[family],
      loopback: loopbackSource,
      relayed: facts[target]?.gateway.ipv4,
    };
    return Object.entries(known).find(([, candidate]) => candidate === address)?.[0] ?? address;
  }

  return {
    extent,
    async ask(origin, cells, expected) {
      const questions = cells.map((cell) => ({
        protocol: cell.protocol,
        address: addressOf(cell),
        port: portOf(cell),
        timeoutMs: expected(cell) === "blocked" ? shortMs : patientMs,
      }));
      const answers = await talk.ask(enter(origin), questions);
      return Object.fromEntries(cells.map((cell, at) => [cellName(cell), verdictOf(cell, answers[at] ?? "!", expected(cell))]));
    },
    sh(place, text) {
      const [program = "", ...args] = [...enter(place), "sh", "-ec", text];
      return execFileSync(program, args, { encoding: "utf8" });
    },
  };
}
