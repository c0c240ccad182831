// Who sees which names: only those who share a network; what the host, links and addresses backwards come to.
import t from "tap";
import { addressOfReverse, reverseName } from "../../src/name/reverse.ts";
import { lookUp, makeScope, makeZone, type NamedNetwork, type NameLease } from "../../src/name/scope.ts";

const network = (name: string, change: Partial<NamedNetwork> = {}): NamedNetwork => ({
  name,
  internal: false,
  subnets: [],
  hosts: [],
  ...change,
});
const lease = (on: string, container: string, address: string, ...names: string[]): NameLease => ({
  network: on,
  address,
  container,
  names,
});

const back = makeZone(network("Back", { subnets: ["10.1.0.0/24", "fd01::/64"], hosts: ["10.1.0.1", "fd01::1"] }), [
  lease("Back", "w", "10.1.0.2", "web", "w12", "www"),
  lease("Back", "w", "fd01::2", "web", "w12", "www"),
  lease("Back", "d", "10.1.0.3", "DB.main", "www"),
]);
const front = makeZone(network("front", { subnets: ["10.2.0.0/24"], hosts: ["10.2.0.1"] }), [
  lease("front", "x", "10.2.0.9", "web", "only"),
]);
const inner = makeZone(network("a-inner", { internal: true, subnets: ["10.3.0.0/24"] }), [lease("a-inner", "y", "10.3.0.5", "web")]);
const found = (zones: Parameters<typeof makeScope>[0], name: string, links: Parameters<typeof makeScope>[1] = []) =>
  lookUp(makeScope(zones, links), name);

t.test("names, aliases, the network behind them", async (t) => {
  t.match(found([back], "web"), { source: "network Back", ipv4: ["10.1.0.2"], ipv6: ["fd01::2"] });
  t.match(found([back], "www"), { ipv4: ["10.1.0.2", "10.1.0.3"], ipv6: ["fd01::2"] });
  t.match(found([back], "web.back"), { ipv4: ["10.1.0.2"] });
  t.match(found([back], "db.main"), { ipv4: ["10.1.0.3"] }, "whatever the case");
  t.match(found([back], "db.main.back"), { ipv4: ["10.1.0.3"] });
  t.equal(found([back], "only"), undefined);
  t.equal(found([back], "web.front"), undefined, "somebody else's network");
  t.equal(found([], "web"), undefined);
});

t.test("of a name on two networks the first one counts", async (t) => {
  t.match(found([front, back], "web"), { source: "network Back", ipv4: ["10.1.0.2"] }, "by name");
  t.match(found([front, back], "web.front"), { ipv4: ["10.2.0.9"] });
  t.match(found([inner, front], "web"), { source: "network front" }, "internal ones come last");
  const preferred = makeScope(
    [back, front, inner],
    [],
    new Map([
      ["front", 1],
      ["a-inner", 9],
    ]),
  );
  t.match(lookUp(preferred, "web"), { source: "network front" }, "by priority");
});

t.test("a family that the first network has not is that of the same container on the next one", async (t) => {
  const plain = makeZone(network("aa"), [lease("aa", "w", "10.4.0.2", "web"), lease("aa", "x", "10.4.0.3", "other")]);
  const both = makeZone(network("bb"), [
    lease("bb", "w", "10.5.0.2", "web"),
    lease("bb", "w", "fd05::2", "web"),
    lease("bb", "z", "fd05::3", "other"),
  ]);
  t.match(found([plain, both], "web"), { source: "network aa, bb", ipv4: ["10.4.0.2"], ipv6: ["fd05::2"] });
  t.match(found([plain, both], "other"), { source: "network aa", ipv4: ["10.4.0.3"], ipv6: [] }, "somebody else's is not");
});

t.test("the way outside", async (t) => {
  t.equal(makeScope([inner], []).hasOutside, false);
  t.equal(makeScope([], []).hasOutside, false);
  t.equal(makeScope([inner, front], []).hasOutside, true);
});

t.test("the host", async (t) => {
  for (const name of ["host.docker.internal", "host.tsns.internal"])
    t.match(found([back], name), { ipv4: ["10.1.0.1"], ipv6: ["fd01::1"] });
  t.match(found([front], "host.tsns.internal"), { source: "host", ipv4: ["10.2.0.1"], ipv6: [] });
  t.match(found([inner], "host.tsns.internal"), { ipv4: [], ipv6: [] }, "where it has no address");
});

t.test("the default network has no names, but the host's address", async (t) => {
  const bridge = makeZone(network("bridge", { subnets: ["10.9.0.0/24"], hosts: ["10.9.0.1"] }), [lease("bridge", "w", "10.9.0.2", "web")]);
  t.equal(found([bridge], "web"), undefined);
  t.match(found([bridge], "host.docker.internal"), { ipv4: ["10.9.0.1"] });
});

t.test("links are one container's own", async (t) => {
  const link = [{ alias: "Store", container: "d", network: "Back" }];
  t.match(found([back], "store", link), { source: "link", ipv4: ["10.1.0.3"] });
  t.equal(found([front], "store", link), undefined, "not on that network any more");
  t.equal(found([back], "store"), undefined);
});

t.test("addresses backwards", async (t) => {
  const of = (address: string) => found([back, front], reverseName(address) ?? "");
  t.match(of("10.1.0.2"), { pointers: ["web.Back"] });
  t.match(of("fd01::2"), { pointers: ["web.Back"] });
  t.match(of("10.1.0.1"), { source: "host", pointers: ["host.tsns.internal"] });
  t.match(of("10.1.0.77"), { source: "network Back", pointers: [], ipv4: [] }, "nobody has it, and nobody else is asked");
  t.equal(of("10.3.0.5"), undefined, "a network that is not shared");
  t.equal(of("192.0.2.1"), undefined);
  t.equal(found([back], "x.in-addr.arpa"), undefined);
});

t.test("a name that no label holds", async (t) => {
  const long = makeZone(network("net"), [lease("net", "l", "10.1.0.9", "l".repeat(80), "l12")]);
  t.match(found([long], reverseName("10.1.0.9") ?? ""), { pointers: ["l12.net"] });
});

t.test("names for addresses", async (t) => {
  t.equal(reverseName("10.5.0.2"), "2.0.5.10.in-addr.arpa");
  t.equal(reverseName("fd00::1")?.length, 72);
  t.equal(reverseName("x"), undefined);
  for (const address of ["10.5.0.2", "255.0.0.255", "fd00::1", "2001:db8::ff:1"])
    t.equal(addressOfReverse(reverseName(address) ?? ""), address);
  t.equal(addressOfReverse("300.0.5.10.in-addr.arpa"), undefined);
  t.equal(addressOfReverse("0.5.10.in-addr.arpa"), undefined);
  t.equal(addressOfReverse("1.ip6.arpa"), undefined);
});
