import t from "tap";
import type { LinkTraffic } from "../../../../src/engine/live/link-rate.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import { unicodeGlyphs } from "../../../../tui/draw/glyph.ts";
import type { Fed } from "../../../../tui/model/need.ts";
import { networkView } from "../../../../tui/view/network/network.ts";
import { keyOf, makeSurroundings } from "../../../fixture/dashboard.ts";
import { makeMember, makeNetwork, mapOf } from "../../../fixture/network-scene.ts";

const front = makeNetwork("front", {
  subnets: ["10.1.0.0/24"],
  gateways: ["10.1.0.1/24"],
  members: [
    makeMember("web", { hostLink: "vethA", addresses: ["10.1.0.2"], ports: ["0.0.0.0:8080 → 80/tcp"], mac: "02:00:00:00:00:02" }),
    makeMember("evil\u001b]0;x\u0007", { hostLink: "vethB", addresses: ["10.1.0.3"], alsoOn: ["back"] }),
  ],
});
const docker = makeNetwork("bridge", { id: "", engine: "docker", link: "docker0", gateways: ["172.17.0.1/16"], subnets: [] });
const networks = [
  makeNetwork("back", { internal: true, ipv6: true, subnets: ["10.2.0.0/24"], present: false }),
  front,
  makeNetwork("host", { driver: "host", link: "", subnets: [], isBuiltIn: true }),
  docker,
];
const traffic = (received: number, sent: number, given: Partial<LinkTraffic> = {}): LinkTraffic => ({
  rate: { receivedBytes: received, sentBytes: sent, receivedPackets: 3, sentPackets: 4 },
  dropped: 0,
  errors: 0,
  ...given,
});
const fed: Fed = {
  networks: { networks, map: mapOf(networks) },
  traffic: {
    links: new Map([
      ["vethA", traffic(2048, 10)],
      ["vethB", traffic(0, 1024)],
      ["tsns-front", traffic(5, 5, { dropped: 7, errors: 2 })],
    ]),
  },
};
const around = makeSurroundings({ fed, size: { columns: 178, rows: 20 } });

type State = typeof networkView.initial;
const press = (state: State, ...names: readonly string[]) =>
  names.reduce((before, name) => networkView.update(before, { kind: "key", key: keyOf(name) }, around).state, state);
const linesOf = (state: State, given = around) =>
  networkView
    .draw(state, given)
    .lines.map((line) => textOf(line).trimEnd())
    .filter((line) => line !== "");

t.test("ours first, what is unusual in words, rates as containers see them", async (t) => {
  const lines = linesOf(networkView.initial);
  t.match(lines[0], /NETWORK\^ +DRIVER +SUBNET +GATEWAY\/MAC +CTRS PORTS +IN\/s +OUT\/s PACKETS\/s DROP\/ERR NOTES/);
  t.match(lines[1], /^> {3}back +bridge +10\.2\.0\.0\/24 +- +0 - +- +- +- +0 internal, IPv6 to~$/);
  t.match(lines[2], /^ {2}\+ front +bridge +10\.1\.0\.0\/24 +10\.1\.0\.1 +2 1 +1K +2K +8\/6 +7\/2 -$/);
  t.match(lines[3], /^ {4}host +host +- +- +0 - +- +- +- +0 -$/);
  t.match(lines[4], /^ {4}docker:bridge +bridge +172\.17\.0\.1\/16 .* docker$/);
  t.match(linesOf(networkView.initial, makeSurroundings())[1], "reading ...");
});

t.test("opened: members with their addresses, links and ports; garbage stays harmless", async (t) => {
  const open = press(networkView.initial, "down", "right");
  const lines = linesOf(open);
  t.match(lines[3], /^ {2}\|- web +vethA +10\.1\.0\.2 +02:00:00:00:00:02 +0\.0\.0\.0:8080->80\/tcp +10 +2K +4\/3 +0 eth0$/);
  t.match(lines[4], /^ {2}`- evil\\x1b\]0;x\\x07 +vethB +10\.1\.0\.3 +- +1K +0 +4\/3 +0 eth0, also on back$/);
  const enter = networkView.update(press(open, "down"), { kind: "key", key: keyOf("enter") }, around);
  t.same(enter.effects, [{ kind: "go", view: "containers", row: "web".padEnd(64, "0") }]);
  t.match(networkView.chosen(press(open, "down"), around), { kind: "network", reference: "front", id: front.id });
  t.match(networkView.targets(press(open, "down"), around), [{ reference: "front" }]);
  for (const glyphs of [around.glyphs, unicodeGlyphs]) {
    for (const [columns, rows] of [
      [38, 5],
      [78, 8],
      [98, 12],
      [198, 56],
    ] as const) {
      const drawn = networkView.draw(open, makeSurroundings({ fed, glyphs, size: { columns, rows } })).lines;
      t.ok(drawn.length <= rows && drawn.every((line) => textOf(line).length <= columns), `${columns}x${rows}`);
    }
  }
});

t.test("counted are bridges and the host's ends, and nothing else is asked for", async (t) => {
  t.same(networkView.needs(networkView.initial, around), [
    { kind: "networks" },
    { kind: "traffic", links: ["tsns-front", "vethA", "vethB", "docker0"] },
  ]);
  t.same(networkView.needs(networkView.initial, makeSurroundings()), [{ kind: "networks" }]);
});

t.test("bridges of others are not touched", async (t) => {
  const there = press(networkView.initial, "end");
  const rows = networkView.targets(there, around);
  t.match(rows, [{ reference: "docker:bridge", foreign: "docker" }]);
  const refusal = (name: string) => networkView.actions.find((action) => action.name === name)?.refusal(rows);
  t.equal(refusal("remove"), "it is docker's");
  t.equal(refusal("connect"), "it is docker's");
  t.equal(refusal("create"), undefined);
});
