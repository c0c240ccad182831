import t from "tap";
import type { ExposedPort, ExposureCell } from "../../../../src/engine/live/exposure.ts";
import { parseExposure } from "../../../../src/engine/live/exposure.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import type { ExposureFed } from "../../../../tui/model/need.ts";
import { exposureReasons, exposureWords } from "../../../../tui/tab/port/exposure.ts";
import { portTab } from "../../../../tui/tab/port/port.ts";
import { keyOf, makeSurroundings } from "../../../fixture/dashboard.ts";
import { makeMember, makeNetwork, mapOf } from "../../../fixture/network-scene.ts";

const cell = (side: string, verdict: ExposureCell["verdict"], given: Partial<ExposureCell> = {}): ExposureCell => ({
  side,
  verdict,
  reason: `why ${side}`,
  ...given,
});
const port = (...cells: readonly ExposureCell[]): ExposedPort => ({
  port: 8080,
  protocol: "tcp",
  address: "0.0.0.0",
  owner: "container web",
  to: "10.1.0.2:80",
  cells,
});
const names = new Map([["10.2.0.0/24", "back"]]);

t.test("who reaches it, in words", async (t) => {
  const words = (...cells: readonly ExposureCell[]) => exposureWords(port(...cells), names);
  const rule = "iptables filter DOCKER-USER #2";
  t.equal(words(cell("host", "reachable"), cell("lan", "reachable"), cell("internet", "reachable")), "open to all");
  t.equal(words(cell("host", "reachable"), cell("lan", "blocked"), cell("internet", "blocked")), "this host only");
  t.equal(
    words(cell("host", "reachable"), cell("lan", "reachable"), cell("internet", "blocked"), cell("10.2.0.0/24", "reachable")),
    "from LAN, this host, network back",
  );
  t.equal(words(cell("host", "blocked"), cell("lan", "blocked", { rule }), cell("internet", "blocked", { rule })), `blocked by ${rule}`);
  t.equal(words(cell("host", "reachable"), cell("internet", "unknown")), "from this host, perhaps internet");
  t.equal(words(cell("lan", "reachable", { bypassed: "ufw denies it" }), cell("host", "blocked")), "from LAN, past the firewall");
  t.same(exposureReasons(port(cell("host", "blocked", { rule }), cell("lan", "blocked", { rule, reason: `${rule} drops` })), names), [
    `LAN: blocked: ${rule} drops`,
    `this host: blocked by ${rule}: why host`,
  ]);
});

const web = makeMember("web", { addresses: ["10.1.0.2"], ports: ["0.0.0.0:8080 → 80/tcp"] });
const quiet = makeMember("quiet", { addresses: ["10.1.0.3"] });
const front = makeNetwork("front", { members: [web, quiet], subnets: ["10.1.0.0/24"] });
const networks = [front, makeNetwork("back", { subnets: ["fd00::/64", "10.2.0.0/24"] })];
const relayed: ExposedPort = { ...port(cell("host", "reachable")), address: "::", to: "[fd74:736e:7301::a01:2]:80" };
const other: ExposedPort = { ...port(cell("host", "reachable")), port: 99, to: "10.9.0.2:80" };
const makeAround = (exposure?: ExposureFed) =>
  makeSurroundings({
    size: { columns: 78, rows: 10 },
    chosen: { kind: "network", reference: "front", id: front.id },
    fed: { networks: { networks, map: mapOf(networks) }, ...(exposure ? { exposure } : {}) },
  });
const linesOf = (around: ReturnType<typeof makeAround>) =>
  portTab
    .draw(portTab.initial, around)
    .lines.map((line) => textOf(line).trimEnd())
    .filter((line) => line !== "");

t.test("the network's own, also through the relay; asked again on change and by hand", async (t) => {
  const ports = [port(cell("host", "reachable"), cell("lan", "blocked")), relayed, other];
  t.match(linesOf(makeAround({ networks: [], ports })), [
    /PORT\^ +CONTAINER +LEADS TO +WHO REACHES IT/,
    /^> 0\.0\.0\.0:8080\/tcp +web +10\.1\.0\.2:80 +this host only$/,
    /^ {2}\[::\]:8080\/tcp +web +\[fd74:736e.* +this host only$/,
    /^LAN: blocked: why lan$/,
    /^this host: reachable: why host$/,
  ]);
  t.match(linesOf(makeAround())[1], /^> 0\.0\.0\.0:8080 +web +80\/tcp +asking \.\.\.$/);
  t.match(linesOf(makeAround({ networks: [], ports: [] }))[1], /no rule leads there$/);
  t.match(linesOf(makeAround({ networks: [], ports: [], error: "no \u001b[5mprivilege" })), [/PORT/, /not known$/, "no \\x1b[5mprivilege"]);
  const [need] = portTab.needs(portTab.initial, makeAround());
  t.match(need, { kind: "exposure", networks: ["10.2.0.0/24"] });
  const again = portTab.update(portTab.initial, { kind: "key", key: keyOf("r") }, makeAround()).state;
  t.not(JSON.stringify(portTab.needs(again, makeAround())), JSON.stringify([need]));
  const enter = portTab.update(portTab.initial, { kind: "key", key: keyOf("enter") }, makeAround());
  t.match(enter.effects, [{ kind: "go", view: "containers", row: web.id }]);
});

t.test("the answer of net exposed", async (t) => {
  const rule = { command: "iptables", table: "filter", chain: "FORWARD", number: 0, args: [] };
  const from = { host: { verdict: "reachable", reason: "listens" }, lan: { verdict: "no", reason: 1, rule } };
  const text = JSON.stringify([{ port: 80, lastPort: 90, protocol: "tcp", address: "::", owner: "o", from }, 3]);
  t.same(parseExposure(text), [
    {
      port: 80,
      lastPort: 90,
      protocol: "tcp",
      address: "::",
      owner: "o",
      cells: [
        { side: "host", verdict: "reachable", reason: "listens" },
        { side: "lan", verdict: "unknown", reason: "", rule: "iptables filter FORWARD policy" },
      ],
    },
  ]);
});
