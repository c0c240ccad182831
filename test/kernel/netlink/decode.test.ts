// Links, addresses and forwarding tables out of recorded answers of a kernel (6.18): a bridge with one port of a veth pair.
import { readFileSync } from "node:fs";
import t from "tap";
import { parseForwardingEntry, parseLinkAddress } from "../../../src/kernel/netlink/decode-address.ts";
import { parseLink } from "../../../src/kernel/netlink/decode-link.ts";

const [linkBytes = [], addressBytes = [], forwardingBytes = []] = readFileSync(
  new URL("fixture/bridge-dump.hex", import.meta.url),
  "latin1",
)
  .split("\n\n")
  .map((part) =>
    part
      .trim()
      .split("\n")
      .map((hex) => Buffer.from(hex, "hex")),
  );

t.test("links", async (t) => {
  const links = linkBytes.flatMap((bytes) => parseLink(bytes) ?? []);
  const [lo, bridge] = links;
  const port = links.find(({ name }) => name === "v1");
  t.match(lo, { index: 1, name: "lo", kind: "", up: false, mtu: 65536, mac: "00:00:00:00:00:00" });
  t.match(bridge, {
    name: "br0",
    kind: "bridge",
    up: true,
    bridge: {
      stp: false,
      priority: 0x8000,
      rootPort: 0,
      maxAgeCentiseconds: 2000,
      helloTimeCentiseconds: 200,
      forwardDelayCentiseconds: 1500,
      ageingTimeCentiseconds: 30_000,
    },
  });
  t.equal(bridge?.bridge?.id, `8000.${bridge?.mac.replaceAll(":", "")}`);
  t.match(port, { kind: "veth", master: bridge?.index, peerIndex: links.find(({ name }) => name === "p1")?.index });
  t.match(port?.port, { number: 1, hairpin: true, isolated: true, pathCost: 77, priority: 32, id: 0x8001, state: "forwarding" });
  t.equal(port?.peerNamespaceId, undefined, "the peer is in the same namespace");
  t.ok((port?.counters?.txPackets ?? -1) >= 0);
});

t.test("addresses", async (t) => {
  const addresses = addressBytes.flatMap((bytes) => parseLinkAddress(bytes) ?? []);
  t.ok(addresses.some(({ address, prefixLength, linkLocal }) => address === "10.1.2.1" && prefixLength === 24 && !linkLocal));
  t.ok(addresses.some(({ address, prefixLength, linkLocal }) => address === "fd00::1" && prefixLength === 64 && !linkLocal));
});

t.test("forwarding tables, without the devices' own filters", async (t) => {
  const entries = forwardingBytes.flatMap((bytes) => parseForwardingEntry(bytes) ?? []);
  t.match(
    entries.find(({ mac }) => mac === "02:00:00:00:00:99"),
    { local: false, fixed: false },
  );
  t.ok(entries.some(({ local, fixed }) => local && fixed));
  t.notOk(
    entries.some(({ mac }) => mac === "33:33:00:00:00:01"),
    "multicast of the device itself is left out",
  );
});

t.test("what is cut off says nothing", async (t) => {
  t.equal(parseLink(new Uint8Array(15)), undefined);
  t.equal(parseLinkAddress(new Uint8Array(7)), undefined);
  t.equal(parseForwardingEntry(new Uint8Array(11)), undefined);
});
