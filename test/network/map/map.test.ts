// The map of networks: what is in it, and its two pictures.
import t from "tap";
import { buildMap, type MapFacts } from "../../../src/network/map/map.ts";
import { renderMapPorts } from "../../../src/network/map/port.ts";
import { renderMapSvg } from "../../../src/network/map/svg.ts";
import { renderMapText } from "../../../src/network/map/text.ts";
import { parsePort } from "../../../src/network/port.ts";
import type { Endpoint } from "../../../src/network/spec.ts";
import { address, link, route } from "../link-fixture.ts";

function place(network: string, inside: string, addresses: readonly string[], ports: readonly string[] = []): Endpoint {
  const [ipv4, ipv6] = addresses;
  return {
    network,
    link: inside,
    ...(ipv4 ? { ipv4: { address: ipv4, prefixLength: 24 } } : {}),
    ...(ipv6 ? { ipv6: { address: ipv6, prefixLength: 64 } } : {}),
    mac: "02:00:00:00:00:01",
    hostLink: `veth-${network}`,
    ports: ports.flatMap(parsePort),
  };
}

const facts: MapFacts = {
  host: "box",
  links: [link(1, "lo"), link(2, "up0"), link(3, "tsns0")],
  addresses: [address(2, "192.0.2.5/24"), { ...address(2, "fe80::5/64"), scope: "link" }],
  routes: [route("0.0.0.0/0", 2, { gateway: "192.0.2.1" })],
  networks: [
    { name: "back", bridge: "tsns-back", pools: [{ subnet: "10.90.0.0/24", gateway: "10.90.0.1" }], internal: true },
    {
      name: "bridge",
      bridge: "tsns0",
      pools: [
        { subnet: "10.88.0.0/16", gateway: "10.88.0.1" },
        { subnet: "fd00:1::/64", gateway: "fd00:1::1" },
      ],
    },
    { name: "lan", driver: "macvlan", bridge: "up0", pools: [{ subnet: "192.0.2.0/24", gateway: "192.0.2.1" }] },
  ],
  containers: [
    {
      id: "a".repeat(64),
      name: "web",
      mode: { mode: "bridge", network: "bridge" },
      endpoints: [place("bridge", "eth0", ["10.88.0.2", "fd00:1::2"], ["8080:80", "[::]:8080:80"]), place("back", "eth1", ["10.90.0.2"])],
    },
    { id: "b".repeat(64), name: "beside", mode: { mode: "container", container: "a".repeat(64) }, endpoints: [] },
    { id: "c".repeat(64), name: "bare", mode: { mode: "host" }, endpoints: [] },
    { id: "d".repeat(64), name: "alone", mode: { mode: "none" }, endpoints: [] },
  ],
  foreign: [],
};

t.test("who is where", async (t) => {
  const map = buildMap(facts);
  t.same(map.uplinks, [{ link: "up0", addresses: ["192.0.2.5/24"], gateways: ["192.0.2.1"] }], "link-local addresses tell nothing");
  t.match(map.networks, [
    { name: "back", present: false, internal: true, traits: ["internal"], members: [{ name: "web", link: "eth1", alsoOn: ["bridge"] }] },
    {
      name: "bridge",
      present: true,
      gateways: ["10.88.0.1/16", "fd00:1::1/64"],
      members: [{ name: "web", addresses: ["10.88.0.2", "fd00:1::2"], alsoOn: ["back"], shared: ["beside"] }],
    },
    { name: "lan", driver: "macvlan", gateways: ["192.0.2.1"], members: [] },
  ]);
  t.same([map.onHost, map.offline], [["bare"], ["alone"]]);
});

t.test("what is unusual about a network is said", async (t) => {
  const pools = [{ subnet: "10.90.0.0/24" }];
  const networks: MapFacts["networks"] = [
    { name: "routed", bridge: "tsns0", pools, masquerade: false, icc: false, gatewayMode: { ipv4: "nat", ipv6: "routed" } },
    { name: "settings", bridge: "", pools, configOnly: true },
  ];
  const map = buildMap({ ...facts, networks });
  t.match(map.networks, [{ traits: ["no masquerade", "containers apart", "IPv6 routed"] }, { traits: ["settings only"], link: "" }]);
  t.match(
    renderMapText(map, 200),
    /╭─ routed ── bridge tsns0 ── no masquerade ── containers apart ── IPv6 routed ─(.|\n)*╭─ settings ── bridge ── settings only ─/,
  );
});

t.test("ports: ranges as one, each address by itself", async (t) => {
  const ports = ["9000-9999:9000-9999", "127.0.0.1:53:5353/udp", "[::1]:80:80", "10000:10000"].flatMap(parsePort);
  t.same(renderMapPorts(ports), ["*:9000-10000 → 9000-10000/tcp", "127.0.0.1:53 → 5353/udp", "[::1]:80 → 80/tcp"]);
  t.same(renderMapPorts(["8001:81", "8002:80"].flatMap(parsePort)), ["*:8001 → 81/tcp", "*:8002 → 80/tcp"]);
});

t.test("the picture for a terminal", async (t) => {
  const map = buildMap(facts);
  const picture = renderMapText(map, Number.POSITIVE_INFINITY);
  t.match(
    picture,
    /^╭─ this host: box ─+╮\n│ up0 {2}192\.0\.2\.5\/24 {2}→ 192\.0\.2\.1 → internet │\n│ ● bare {2}\(network host\) +│\n╰─┬─+╯\n/,
  );
  t.match(picture, /├┄┄┤ 10\.90\.0\.1\/24/, "a dotted line leads to an internal network");
  t.match(picture, /● web {2}eth0 {2}10\.88\.0\.2 {2}◀── \*:8080 → 80\/tcp +│\n.*fd00:1::2 {2}◀── \[::\]:8080 → 80\/tcp/);
  t.match(picture, /╰──┤ 192\.0\.2\.0\/24 {2}router 192\.0\.2\.1 /, "the line ends at the last network");
  t.match(picture, /╭─ no network ─╮\n│ ● alone {6}│\n/);
  const narrow = renderMapText(map, 50);
  t.ok(
    narrow
      .split("\n")
      .filter((line) => line.includes("8080"))
      .every((line) => line.length <= 50),
    "what does not fit beside goes below",
  );
  const stacked = renderMapText(map, 30);
  t.ok(
    stacked.split("\n").every((line) => line.length <= 30),
    "nothing is wider than the terminal",
  );
  t.match(stacked, /│ ● web +│\n.*│ {3}10\.88\.0\.2 +│\n/, "each in a line of its own");
  t.match(stacked, /…/, "what is longer than a line is cut");
  t.notMatch(picture, /…/, "not in a pipe");
});

t.test("a host without networks, names that would draw", async (t) => {
  const bare = renderMapText({ host: "box", uplinks: [], networks: [], onHost: [], offline: [] }, 80);
  t.match(bare, /^╭─ this host: box ─+╮\n│ no default route: no way to the internet │\n╰─+╯\n$/);
  const hostile = { host: "<b>&\x1b[2J", uplinks: [], networks: [], onHost: ['a"b'], offline: [] };
  t.notMatch(renderMapText(hostile, 80), /\x1b/);
  const svg = renderMapSvg(hostile);
  t.match(svg, /&lt;b&gt;&amp;\\x1b\[2J/);
  t.notMatch(svg, /\x1b|<b>/);
});

t.test("the picture as SVG", async (t) => {
  const svg = renderMapSvg(buildMap(facts));
  t.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+/);
  t.equal(svg.match(/class="band"/g)?.length, 3, "a band for each network");
  t.equal(svg.match(/class="card"/g)?.length, 2, "a card for each place of a container");
  t.equal(svg.match(/class="same"/g)?.length, 1, "joined where they are one container's");
  t.match(svg, /stroke-dasharray/, "an internal network has no way out");
  t.match(svg, /class="port">◀ \[::\]:8080 → 80\/tcp</);
  t.equal(svg.match(/<g>/g)?.length, svg.match(/<\/g>/g)?.length);
});
