// Plans on links, addresses and routes, and everything they refuse.
import t from "tap";
import { pairEnds } from "../../src/network/link-pair.ts";
import {
  planAddressAdd,
  planAddressFlush,
  planAddressRemove,
  planLinkRemove,
  planLinkSet,
  planVethAdd,
  planVethMove,
} from "../../src/network/link-plan.ts";
import { parseLinkWords } from "../../src/network/link-words.ts";
import { parseRoute, planRouteAdd, planRouteRemove } from "../../src/network/route-plan.ts";
import { type Plan, undoOf } from "../../src/plan/plan.ts";
import { shellOfStep } from "../../src/plan/shell.ts";
import { address, link, prefix, route } from "./link-fixture.ts";

const here = {
  label: "this namespace",
  links: [
    link(1, "lo", { type: "loopback" }),
    link(2, "eth0"),
    link(3, "br0", { kind: "bridge" }),
    link(4, "v0", { kind: "veth", master: 3, mtu: 1400 }),
    link(5, "down0", { kind: "veth", up: false }),
  ],
  addresses: [address(2, "10.1.0.2/24"), address(2, "fd01::2/64"), address(3, "10.2.0.1/16")],
  routes: [
    route("0.0.0.0/0", 2, { gateway: "10.1.0.1", protocol: 3, scope: 0 }),
    route("10.1.0.0/24", 2),
    route("10.2.0.0/16", 3),
    route("10.9.0.0/16", 2, { gateway: "10.1.0.9", metric: 5 }),
    route("10.9.0.0/16", 2, { gateway: "10.1.0.8", metric: 6 }),
    route("fd01::/64", 2),
  ],
};
const there = {
  path: "/proc/7/ns/net",
  label: "process 7",
  links: [link(1, "lo", { type: "loopback" }), link(2, "eth0", { kind: "veth" })],
  addresses: [],
  routes: [],
};

const shell = (plan: Plan) => plan.steps.map(({ step }) => shellOfStep(step));
const undo = (plan: Plan) => undoOf(plan).map(shellOfStep);
const refused = (code: string, hint?: RegExp) => (hint ? { code, hint } : { code });

t.test("veth pairs", async (t) => {
  const plan = planVethAdd({ name: "a", peer: "b", mtuBytes: 1400, up: true }, here, there);
  t.same(shell(plan), [
    "ip link add name a mtu 1400 type veth peer name b mtu 1400 netns /proc/7/ns/net",
    "ip link set dev a up",
    "nsenter --net=/proc/7/ns/net ip link set dev b up",
  ]);
  t.same(undo(plan), ["ip link del dev a"]);
  t.throws(() => planVethAdd({ name: "eth0", peer: "b" }, here, there), refused("interface-exists"));
  t.throws(() => planVethAdd({ name: "a", peer: "eth0" }, here, there), refused("interface-exists"));
  t.throws(() => planVethAdd({ name: "a", peer: "a" }, here, here), refused("same-name"));
  t.equal(planVethAdd({ name: "a", peer: "a" }, here, there).steps.length, 1, "one name in two namespaces");
  for (const name of ["", "sixteen-letters-", "a b", "a/b", "a:b", "..", "eth%d"]) {
    t.throws(() => planVethAdd({ name, peer: "b" }, here, there), { code: "bad-interface-name", exitCode: 2 }, name);
  }
  t.same(shell(planVethMove("v0", "inner", here, there)), ["ip link set dev v0 netns /proc/7/ns/net name inner"]);
  t.same(undo(planVethMove("v0", "inner", here, there)), [
    "nsenter --net=/proc/7/ns/net ip link set dev inner netns /proc/$$/ns/net name v0",
  ]);
  t.throws(() => planVethMove("v0", "eth0", here, there), refused("interface-exists"));
  t.throws(() => planVethMove("v0", undefined, here, here), refused("same-namespace"));
  t.throws(() => planVethMove("br0", undefined, here, there), refused("no-veth"));
  t.throws(() => planVethMove("v9", undefined, here, there), refused("no-such-interface", /did you mean v0/));
});

t.test("properties, each with its inverse", async (t) => {
  const words = "mtu 1300 mac 02:AA:00:00:00:01 name w0 nomaster txqueuelen 5 promisc on alias x down".split(" ");
  const plan = planLinkSet("v0", parseLinkWords(words, "x"), here);
  t.same(
    shell(plan).map((line) => line.replace("ip link set dev v0 ", "")),
    ["address 02:aa:00:00:00:01", "mtu 1300", "txqueuelen 5", "alias x", "promisc on", "nomaster", "down", "name w0"],
  );
  t.same(
    undo(plan).map((line) => line.replace("ip link set dev ", "")),
    [
      "w0 name v0",
      "v0 up",
      "v0 master br0",
      "v0 promisc off",
      "v0 alias ''",
      "v0 txqueuelen 1000",
      "v0 mtu 1400",
      "v0 address 02:00:00:00:00:04",
    ],
  );
  const set = (name: string, ...given: string[]) => planLinkSet(name, parseLinkWords(given, "x"), here);
  t.throws(() => set("eth0", "mtu", "60"), refused("bad-mtu", /68 to 65535/));
  t.throws(() => set("eth0", "name", "br0"), refused("interface-exists"));
  t.throws(() => set("eth0", "master", "br1"), refused("no-such-interface", /did you mean br0/));
  t.throws(() => set("br0", "master", "br0"), refused("own-master"));
  t.throws(() => set("v0", "master", "down0"), refused("not-a-master", /^name a bridge: br0$/));
  t.throws(() => set("v0", "master", "eth0"), { message: "eth0 in this namespace is hardware or loopback and takes no ports" });
  t.throws(() => set("lo", "master", "br0"), refused("no-port"));
  const two = { ...here, links: [...here.links, link(9, "br9", { kind: "bridge" })] };
  t.throws(() => planLinkSet("br9", [{ master: "br0" }], two), refused("bridge-in-bridge", /tsns net veth add/));
  for (const kind of ["bond", "vrf"])
    t.equal(planLinkSet("v0", [{ master: "m" }], { ...here, links: [...here.links, link(9, "m", { kind })] }).steps.length, 1);
  for (const bad of [
    "mtu",
    "mtu x",
    "mtu -1",
    "promisc yes",
    "up down",
    "master br0 nomaster",
    "mac 1:2",
    "bogus",
    "up up",
    "",
    "name a/b",
    "mac 02:00:00:00:00:01 address 02:00:00:00:00:01",
  ]) {
    t.throws(() => set("eth0", ...bad.split(" ").filter(Boolean)), { code: "usage", exitCode: 2 }, bad);
  }
  t.same(shell(planLinkRemove(["br0", "v0"], here)), ["ip link del dev br0", "ip link del dev v0"]);
  t.throws(() => planLinkRemove(["lo"], here), refused("not-removable"));
  t.throws(() => planLinkRemove(["br0"], here, "veth"), refused("no-veth"));
});

t.test("addresses", async (t) => {
  const plan = planAddressAdd([prefix("10.5.0.1/24"), prefix("fd05::1/64")], "eth0", there, true);
  t.same(shell(plan), [
    "nsenter --net=/proc/7/ns/net ip address add 10.5.0.1/24 brd + dev eth0 nodad",
    "nsenter --net=/proc/7/ns/net ip address add fd05::1/64 dev eth0 nodad",
  ]);
  t.same(undo(plan).length, 2);
  t.throws(() => planAddressAdd([prefix("10.1.0.2/24")], "eth0", here), refused("address-exists"));
  t.same(shell(planAddressRemove([{ address: "10.1.0.2" }, prefix("fd01::2/64")], "eth0", here)), [
    "ip address del 10.1.0.2/24 dev eth0",
    "ip address del fd01::2/64 dev eth0",
  ]);
  t.throws(
    () => planAddressRemove([prefix("10.1.0.2/16")], "eth0", here),
    refused("no-such-address", /it has 10\.1\.0\.2\/24, fd01::2\/64/),
  );
  t.same(shell(planAddressFlush("eth0", here, 10)), ["ip address del fd01::2/64 dev eth0"]);
  t.equal(planAddressFlush("eth0", here).steps.length, 2);
});

t.test("routes", async (t) => {
  const add = (words: string, ipv6 = false) => planRouteAdd(parseRoute(words.split(" "), ipv6, "x"), here);
  t.same(shell(add("10.20.0.0/16 via 10.1.0.7 dev eth0 src 10.1.0.2 metric 9 table local mtu 1400")), [
    "ip route add 10.20.0.0/16 via 10.1.0.7 dev eth0 src 10.1.0.2 metric 9 table 255 mtu 1400",
  ]);
  t.same(shell(add("default via fd01::9")), ["ip -6 route add default via fd01::9"]);
  t.same(shell(add("unreachable default", true)), ["ip -6 route add unreachable default"]);
  t.throws(() => add("10.20.0.0/16 via 10.77.0.1"), refused("gateway-unreachable"));
  t.throws(() => add("10.20.0.0/16 via 10.1.0.7 dev br0"), refused("gateway-unreachable"), "not on that link");
  t.equal(add("10.20.0.0/16 via 10.77.0.1 dev eth0 onlink").steps.length, 1);
  t.throws(() => add("fd20::/64 via fe80::1"), refused("no-device"));
  t.throws(() => add("10.20.0.0/16 dev down0"), refused("interface-down", /tsns net link up down0/));
  t.throws(() => add("10.20.0.0/16"), refused("no-way"));
  t.throws(() => add("10.20.0.0/16 dev nope"), refused("no-such-interface"));
  t.throws(() => add("10.9.0.0/16 via 10.1.0.7 metric 6"), refused("route-exists"));
  t.equal(add("10.9.0.0/16 via 10.1.0.7 metric 7").steps.length, 1);
  for (const bad of [
    "10.20.0.1/16 dev eth0",
    "x dev eth0",
    "10.20.0.0/16 via 10.1.0",
    "10.20.0.0/16 src fd01::2 dev eth0",
    "fd20::/64 via 10.1.0.1",
    "10.20.0.0/16 metric",
    "10.20.0.0/16 foo",
    "blackhole",
    "blackhole 10.0.0.0/8 via 10.1.0.1",
    "10.20.0.0/16 dev eth0 table 0",
  ]) {
    t.throws(() => add(bad), { code: "usage", exitCode: 2 }, bad);
  }
  const remove = (words: string, typed = false) => planRouteRemove(parseRoute(words.split(" "), false, "x"), typed, here);
  t.same(shell(remove("default")), ["ip route del default via 10.1.0.1 dev eth0 proto 3 scope 0"]);
  t.same(undo(remove("default")), ["ip route add default via 10.1.0.1 dev eth0 proto 3 scope 0"]);
  t.throws(() => remove("10.9.0.0/16"), refused("ambiguous-route"));
  t.equal(remove("10.9.0.0/16 via 10.1.0.8").steps.length, 1);
  t.throws(() => remove("blackhole 10.9.0.0/16", true), refused("no-such-route"));
});

t.test("ends of pairs find each other", async (t) => {
  const end = (place: number, index: number, peerIndex: number, id?: number) => ({
    place,
    link: link(index, `p${place}i${index}`, {
      kind: "veth",
      peerIndex,
      peerElsewhere: id !== undefined,
      ...(id === undefined ? {} : { peerNamespaceId: id }),
    }),
  });
  const ids = new Map([
    ["1 0", 2],
    ["2 0", 1],
    ["3 0", 4],
    ["4 0", 3],
    ["0 5", 9],
  ]);
  const placeOfId = (place: number, id: number) => ids.get(`${place} ${id}`);
  const ends = [end(0, 8, 9), end(0, 9, 8), end(1, 2, 2, 0), end(3, 2, 2, 0), end(2, 2, 2, 0), end(4, 2, 2, 0), end(0, 7, 2, 5)];
  const named = pairEnds(ends, placeOfId).map((pair) => [pair.end.link.name, pair.peer?.link.name]);
  t.same(named, [
    ["p0i8", "p0i9"],
    ["p1i2", "p2i2"],
    ["p3i2", "p4i2"],
    ["p0i7", undefined],
  ]);
});

t.test("a refusal is one line with a remedy", async (t) => {
  for (const act of [() => planLinkRemove(["nope"], here), () => planVethAdd({ name: "eth0", peer: "x" }, here, here)]) {
    t.throws(act, { message: /^[^\n]+$/, hint: /^[^\n]+$/ });
  }
});
