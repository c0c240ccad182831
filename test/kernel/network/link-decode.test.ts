// Recorded answers of a kernel (6.18) as values, and any bytes at all: links, addresses and routes.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import type { Reply } from "../../../src/kernel/netlink/relay.ts";
import { parseNameservers, parseUfwEnabled } from "../../../src/kernel/network/check.ts";
import { decodeAddress, decodeLink } from "../../../src/kernel/network/link-decode.ts";
import { decodeAnyRoute, decodeRoute } from "../../../src/kernel/network/route-decode.ts";

/** Lines of type and bytes in hexadecimal. */
function recorded(name: string): readonly Reply[] {
  const lines = readFileSync(new URL(`fixture/${name}.hex`, import.meta.url), "latin1")
    .trim()
    .split("\n");
  return lines.map((line) => ({ type: Number(line.split(" ")[0]), data: Buffer.from(line.split(" ")[1] ?? "", "hex") }));
}

const all = <T>(name: string, decode: (reply: Reply) => T | undefined): readonly T[] =>
  recorded(name).flatMap((reply) => decode(reply) ?? []);

t.test("links", async (t) => {
  const links = all("link", decodeLink);
  const named = (name: string) => links.find((link) => link.name === name);
  t.equal(links.length, recorded("link").length, "every message is one");
  t.match(named("lo"), { index: 1, kind: "", type: "loopback", flags: ["LOOPBACK", "UP", "LOWER_UP"], mtu: 65536, state: "UNKNOWN" });
  t.match(named("br0"), { kind: "bridge", mtu: 1500, mac: "02:00:00:00:00:01", up: true, peerElsewhere: false, maximumMtu: 65535 });
  t.match(named("v0"), { kind: "veth", master: named("br0")?.index, peerIndex: named("v1")?.index, peerElsewhere: false });
  t.match(named("v1"), { alias: "to the database", promiscuous: true, txQueueLength: 77, broadcast: "ff:ff:ff:ff:ff:ff" });
  t.match(named("w0"), { kind: "veth", peerElsewhere: true, peerNamespaceId: 0, up: false, carrier: false, state: "DOWN", qdisc: "noop" });
  t.match(named("v1.7"), { kind: "macvlan", peerIndex: named("v1")?.index });
});

t.test("addresses", async (t) => {
  const addresses = all("address", decodeAddress);
  const of = (text: string) => addresses.find(({ address }) => address === text);
  t.equal(addresses.length, recorded("address").length);
  t.match(of("10.1.0.1"), { prefixLength: 24, broadcast: "10.1.0.255", scope: "global", label: "br0", flags: ["permanent"] });
  t.match(of("10.2.0.1"), { prefixLength: 32, peer: "10.2.0.2" });
  t.match(of("fd01::1"), { prefixLength: 64, label: "", flags: ["nodad", "permanent"] });
  t.match(of("10.3.0.1"), { flags: ["dynamic"], validSeconds: 1000 });
  t.match(of("127.0.0.1"), { scope: "host" });
});

t.test("routes", async (t) => {
  const routes = all("route", decodeRoute);
  const to = (text: string, family = 2) => routes.find(({ destination }) => destination.address === text && destination.family === family);
  t.match(to("0.0.0.0"), { type: "unicast", gateway: "10.1.0.254", table: 254, protocol: 3, destination: { prefixLength: 0 } });
  t.match(to("10.9.0.0"), { table: 1000, metric: 5, mtuBytes: 1300, source: "10.1.0.1", gateway: "" });
  t.match(to("10.8.0.0"), {
    linkIndex: 0,
    nextHops: [
      { gateway: "10.1.0.2", weight: 3 },
      { gateway: "10.1.0.3", weight: 1 },
    ],
  });
  t.match(to("10.7.0.0"), { type: "blackhole" });
  t.match(to("10.6.0.0"), { gateway: "fe80::1" });
  t.match(to("10.5.0.0"), { gateway: "192.0.2.1", flags: ["onlink"] });
  t.match(to("::", 10), { gateway: "fd01::2", metric: 1024 });
});

t.test("any bytes are a value or none", async () => {
  const decoders = [decodeLink, decodeAddress, decodeRoute, decodeAnyRoute];
  const type = fc.constantFrom(16, 20, 24, 3);
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 200 }), (kind, data) => {
      for (const decode of decoders) decode({ type: kind, data });
    }),
  );
  // Real messages with bytes changed and cut reach deeper.
  const real = fc.constantFrom(...["link", "address", "route"].flatMap(recorded));
  const change = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(real, fc.array(change, { maxLength: 8 }), fc.nat(), ({ type: kind, data }, changes, cut) => {
      const bytes = Uint8Array.from(data);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      for (const decode of decoders) decode({ type: kind, data: cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes });
    }),
    { numRuns: 300 },
  );
});

t.test("name servers and ufw's switch", async (t) => {
  t.same(parseNameservers("# nameserver 1.1.1.1\nsearch lan\nnameserver 10.0.0.1\nnameserver\tfe80::1%eth0\n nameserver 9.9.9.9\n"), [
    "10.0.0.1",
    "fe80::1%eth0",
  ]);
  t.equal(parseUfwEnabled("# ENABLED=yes\nENABLED=no\nLOGLEVEL=low\n"), false);
  t.equal(parseUfwEnabled("# comment\nENABLED=yes\nLOGLEVEL=low\n"), true);
  fc.assert(
    fc.property(
      fc.string(),
      (text) => parseNameservers(text).every((server) => /^\S+$/.test(server)) && parseUfwEnabled(text) !== undefined,
    ),
  );
});
