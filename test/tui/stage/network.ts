// The networks of a machine that does not exist.
import type { ContainerState } from "../../../src/container/record.ts";
import type { LiveNetwork } from "../../../src/engine/live/network.ts";
import type { Answers } from "./world.ts";

const linkOf = (name: string, index: number) => ({
  index,
  name,
  kind: "veth",
  mac: "02:42:0a:58:00:01",
  mtu: 1500,
  up: true,
  operationalState: 6,
});

/** One bridge, with everybody who runs on it. */
export function makeNetworks(containers: readonly ContainerState[]): Answers {
  const members = containers
    .filter(({ status }) => status === "running")
    .map(({ record: { id, name, run } }) => {
      const [endpoint] = run?.endpoints ?? [];
      return {
        name,
        id,
        link: "eth0",
        hostLink: endpoint?.hostLink ?? "",
        addresses: endpoint?.ipv4 ? [endpoint.ipv4.address] : [],
        ports: (endpoint?.ports ?? []).map(({ hostPort }) => `0.0.0.0:${hostPort} → 80/tcp`),
        alsoOn: [],
        shared: [],
        mac: endpoint?.mac ?? "",
      };
    });
  const front: LiveNetwork = {
    id: "f".repeat(64),
    name: "front",
    engine: "tsns",
    driver: "bridge",
    link: "tsns-front",
    present: true,
    subnets: ["10.88.0.0/16"],
    gateways: ["10.88.0.1/16"],
    internal: false,
    traits: [],
    members,
    ipv4: true,
    ipv6: false,
    isBuiltIn: false,
    isUsed: members.length > 0,
    isUp: true,
    mtu: 1500,
  };
  const map = {
    host: "harbour",
    uplinks: [{ link: "eth0", addresses: ["192.0.2.10/24"], gateways: ["192.0.2.1"] }],
    networks: [{ ...front, driver: "bridge" as const }],
    onHost: [],
    offline: [],
  };
  const rate = { receivedBytes: 125_000, sentBytes: 2_500_000, receivedPackets: 900, sentPackets: 2100 };
  return {
    networks: () => ({ networks: [front], map }),
    traffic: ({ links }) => ({ links: new Map(links.map((link) => [link, { rate, dropped: 0, errors: 0 }])) }),
    bridge: ({ name }) => ({
      name,
      bridge: {
        link: { ...linkOf("tsns-front", 10), kind: "bridge" },
        ports: members.map(({ hostLink }, at) => ({ link: { ...linkOf(hostLink, 11 + at), master: 10 }, learned: 1, own: 1 })),
      },
    }),
    exposure: ({ networks }) => ({
      networks,
      ports: members
        .filter(({ ports }) => ports.length > 0)
        .map(({ name }, at) => ({
          port: 8080 + at,
          protocol: "tcp",
          address: "0.0.0.0",
          owner: name,
          to: "80/tcp",
          cells: [{ side: "lan", verdict: "reachable", reason: "published" }],
        })),
    }),
  } as Answers;
}
