import t from "tap";
import { liveBridge } from "../../../../src/engine/live/bridge.ts";
import type { Link } from "../../../../src/network/link-state.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import { unicodeGlyphs } from "../../../../tui/draw/glyph.ts";
import { mapTab, plainPicture } from "../../../../tui/tab/map/map.ts";
import { memberTab } from "../../../../tui/tab/member/member.ts";
import { keyOf, makeSurroundings } from "../../../fixture/dashboard.ts";
import { makeMember, makeNetwork, mapOf } from "../../../fixture/network-scene.ts";

const link = (name: string, index: number, given: Partial<Link> = {}): Link => ({
  index,
  name,
  kind: "veth",
  mac: "02:00:00:00:00:01",
  mtu: 1400,
  up: true,
  operationalState: 6,
  ...given,
});
const portState = { state: "forwarding", hairpin: false, isolated: true } as NonNullable<Link["port"]>;
const bridge = liveBridge({
  bridge: link("tsns-front", 5, { kind: "bridge", bridge: { id: "8000.x", stp: false } as NonNullable<Link["bridge"]> }),
  ports: [
    link("vethB", 8, { port: { ...portState, number: 2, state: "listening" } }),
    link("vethA", 7, { port: { ...portState, number: 1 } }),
  ],
  entries: [
    { linkIndex: 7, bridgeIndex: 5, mac: "02:00:00:00:00:0a", local: false, fixed: false, ageCentiseconds: 1 },
    { linkIndex: 7, bridgeIndex: 5, mac: "02:00:00:00:00:01", local: true, fixed: true, ageCentiseconds: 1 },
  ],
});
const front = makeNetwork("front", {
  members: [makeMember("web", { hostLink: "vethA", addresses: ["10.1.0.2"], mac: "02:00:00:00:00:0a" })],
});
const empty = makeNetwork("empty");
const networks = [front, empty];
const makeAround = (network = front, columns = 158) =>
  makeSurroundings({
    size: { columns, rows: 8 },
    chosen: { kind: "network", reference: network.name, id: network.id },
    fed: { networks: { networks, map: mapOf(networks) }, bridge: { name: "tsns-front", bridge } },
  });

t.test("the bridge port by port", async (t) => {
  const lines = memberTab.draw(memberTab.initial, makeAround()).lines.map((line) => textOf(line).trimEnd());
  t.match(lines[0], /#\^ LINK +STATE +MACS CONTAINER +INSIDE +ADDRESS +MAC +IN\/s +OUT\/s/);
  t.match(lines[1], /^> {3}1 vethA +forwarding, isolated +2 web +eth0 +10\.1\.0\.2 +02:00:00:00:00:0a +- +-$/);
  t.match(lines[2], /^ {4}2 vethB +listening, isolated +0 - +- +- +02:00:00:00:00:01/);
  t.match(lines.at(-1), /^tsns-front up; 2 ports; 1 address learned; STP off; MTU 1400/);
  t.same(memberTab.needs(memberTab.initial, makeAround()), [{ kind: "bridge", name: "tsns-front" }]);
  const enter = memberTab.update(memberTab.initial, { kind: "key", key: keyOf("enter") }, makeAround());
  t.match(enter.effects, [{ kind: "go", view: "containers" }]);
  const other = memberTab.draw(memberTab.initial, makeAround(empty)).lines.map(textOf);
  t.match(other[1], "reading ...", "what was told of another bridge is not its");
});

t.test("the picture, of one network or of all, with signs that every terminal has", async (t) => {
  const drawn = (around: ReturnType<typeof makeAround>, keys: readonly string[] = []) => {
    const state = keys.reduce((before, name) => mapTab.update(before, { kind: "key", key: keyOf(name) }, around).state, mapTab.initial);
    return mapTab.draw(state, around).lines.map(textOf).join("\n");
  };
  const large = { ...makeAround(), size: { columns: 78, rows: 40 } };
  t.match(drawn(large), /\+- this host: here -+\+\n\| eth0 +192\.0\.2\.2\/24 +> 192\.0\.2\.1 > internet \|/);
  t.match(drawn(large), /\+- front -- bridge tsns-front -+\+[\s\S]*\* web/);
  t.notMatch(drawn(large), "empty");
  t.match(drawn(large, ["a"]), "empty");
  t.match(drawn({ ...large, glyphs: unicodeGlyphs }), /╭─ front ── bridge tsns-front/);
  t.match(drawn(makeAround(), ["end"]), /of \d+$/, "more than there is room for");
  t.equal(plainPicture("╭┄▶…"), "+.▶~");
});
