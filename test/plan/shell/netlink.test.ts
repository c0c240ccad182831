// rtnetlink messages read back as commands: what src/network/message*.ts write comes back as ip(8) would be told.
import t from "tap";
import * as message from "../../../src/network/message.ts";
import { portSet } from "../../../src/network/message-bridge.ts";
import { ingressAdd, redirectAdd, spoofFilterAdd } from "../../../src/network/message-filter.ts";
import { addressAdd, defaultRouteAdd, linkRouteAdd } from "../../../src/network/message-place.ts";
import { rateSet } from "../../../src/network/message-qdisc.ts";
import { sublinkAdd } from "../../../src/network/message-sublink.ts";
import { vethAdd } from "../../../src/network/message-veth.ts";
import { type NetlinkNames, parseNetlink } from "../../../src/plan/shell/netlink.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 10);
const names = (): NetlinkNames => ({
  links: new Map([
    [1, "lo"],
    [7, "br0"],
  ]),
  namespaces: new Map([[102, "/proc/1/ns/net"]]),
});
const read = (...messages: readonly Uint8Array[]) =>
  parseNetlink(messages.map(message.renderHex).join(""), names())?.map((command) => command.join(" "));

t.test("every message of a container's start", async (t) => {
  const veth = { name: "eth0", index: 1000, mac, mtu: 1400, peerName: "vethx", peerNamespaceFd: 102 };
  t.same(read(vethAdd(veth), addressAdd(1000, "10.1.0.2", 24), message.linkUp({ index: 1000 })), [
    "ip link add name eth0 index 1000 address 02:00:00:00:00:0a mtu 1400 type veth peer name vethx mtu 1400 netns /proc/1/ns/net",
    "ip address add 10.1.0.2/24 broadcast 10.1.0.255 dev eth0",
    "ip link set dev eth0 up",
  ]);
  t.same(read(message.bridgeAdd("br1", mac)), ["ip link add name br1 address 02:00:00:00:00:0a type bridge"]);
  t.same(read(message.portAdd({ name: "vethx" }, 7)), ["ip link set dev vethx master br0 up"]);
  t.same(read(portSet("vethx", "hairpin", 1)), ["ip link set dev vethx type bridge_slave hairpin on"]);
  t.same(read(message.linkUp({ index: 1 })), ["ip link set dev lo up"]);
  t.same(read(message.linkRemove({ name: "br1" })), ["ip link del dev br1"]);
  t.same(read(defaultRouteAdd("10.1.0.1")), ["ip route add default via 10.1.0.1"]);
});

t.test("what stands at the host's end of a link", async (t) => {
  const veth = { name: "eth0", index: 1000, mac, mtu: 1400, peerName: "vethx", peerIndex: 1 << 24, peerNamespaceFd: 102 };
  t.same(read(vethAdd(veth), ingressAdd(1 << 24), spoofFilterAdd(1 << 24, [{ code: 6, jt: 0, jf: 1, k: 2 ** 32 - 1 }])), [
    "ip link add name eth0 index 1000 address 02:00:00:00:00:0a mtu 1400 type veth peer name vethx index 16777216 mtu 1400 netns /proc/1/ns/net",
    "tc qdisc add dev vethx clsact",
    "tc filter add dev vethx ingress prio 1 protocol all bpf da bytecode 1,6 0 1 4294967295",
  ]);
  t.same(read(redirectAdd(7, 1)), [
    "tc filter add dev br0 ingress prio 2 protocol all bpf bytecode 1,6 0 0 4294967295 action mirred egress redirect dev lo",
  ]);
  t.equal(read(redirectAdd(7, 99)), undefined);
});

t.test("links on a parent, and the way by one that needs no gateway", async (t) => {
  const base = { name: "eth0", index: 1000, parent: 7 };
  t.same(
    read(
      sublinkAdd({ ...base, kind: "macvlan", settings: { mode: "vepa" }, mac, mtu: 1400 }, 102),
      linkRouteAdd("ipv4", 1000),
      linkRouteAdd("ipv6", 1000, true),
    ),
    [
      "ip link add link br0 name eth0 index 1000 netns /proc/1/ns/net address 02:00:00:00:00:0a mtu 1400 type macvlan mode vepa",
      "ip route add default dev eth0",
      "ip -6 route replace default dev eth0",
    ],
  );
  t.same(read(sublinkAdd({ ...base, kind: "ipvlan", settings: { mode: "l3s", flag: "private" } }, 102)), [
    "ip link add link br0 name eth0 index 1000 netns /proc/1/ns/net type ipvlan mode l3s private",
  ]);
  t.equal(read(sublinkAdd({ ...base, parent: 99, kind: "ipvlan", settings: { mode: "l2" } }, 102)), undefined, "a parent without a name");
});

t.test("a bucket before a link", async (t) => {
  t.same(read(rateSet(7, { bitsPerSecond: 64_000, burstBytes: 32_768, limitBytes: 40_000 })), [
    "tc qdisc replace dev br0 root tbf rate 64000bit burst 32768 limit 40000",
  ]);
  t.same(read(rateSet(7, { bitsPerSecond: 80e9, burstBytes: 1 << 20, limitBytes: 1 << 21 })), [
    "tc qdisc replace dev br0 root tbf rate 80000000000bit burst 1048576 limit 2097152",
  ]);
});

t.test("what is not understood is no command", async (t) => {
  t.equal(read(message.linkUp({ index: 99 })), undefined, "a link without a name");
  t.equal(read(message.portAdd({ name: "vethx" }, 99)), undefined, "a bridge without a name");
  t.equal(read(message.renderMessage(99, 0, new Uint8Array(16), [])), undefined, "another type");
  for (const hex of ["", "0", "zz", "00", "ff".repeat(16), "10000000"]) t.equal(parseNetlink(hex, names()), undefined, hex);
});
