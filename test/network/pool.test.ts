// Which address is chosen, and how full a pool is.
import fc from "fast-check";
import t from "tap";
import { ipContains, parseIp, requireIpSubnet, usableRange } from "../../src/network/ip.ts";
import { checkAsked, nextFree, usageOf } from "../../src/network/pool.ts";

t.test("the next free address, both families", async (t) => {
  const free = (pool: Parameters<typeof nextFree>[0], taken: readonly string[] = [], last?: string) => nextFree(pool, new Set(taken), last);
  const four = { subnet: "10.1.0.0/29", gateway: "10.1.0.1" };
  t.equal(free(four), "10.1.0.2");
  t.equal(free(four, ["10.1.0.2"], "10.1.0.2"), "10.1.0.3");
  t.equal(free(four, [], "10.1.0.6"), "10.1.0.2", "around, past network, broadcast and gateway");
  t.equal(free(four, [], "10.9.0.9"), "10.1.0.2", "a last one of elsewhere");
  t.equal(
    free(
      four,
      [2, 3, 4, 5, 6].map((last) => `10.1.0.${last}`),
      "10.1.0.4",
    ),
    undefined,
    "full",
  );
  t.equal(free({ ...four, gateway: "10.1.0.3", reserved: { router: "10.1.0.1", printer: "10.1.0.2" } }), "10.1.0.4");
  t.equal(free({ ...four, ipRange: "10.1.0.4/31" }), "10.1.0.4");
  t.equal(free({ ...four, ipRange: "10.1.0.4/31" }, ["10.1.0.4"], "10.1.0.4"), "10.1.0.5");
  t.equal(free({ ...four, ipRange: "10.1.0.0/32" }), undefined, "a range of nothing but the network's own address");
  t.equal(free({ subnet: "10.1.0.0/31" }), "10.1.0.0");
  const six = { subnet: "fd00:1::/64", gateway: "fd00:1::1" };
  t.equal(free(six), "fd00:1::2");
  t.equal(free(six, ["fd00:1::3"], "fd00:1::2"), "fd00:1::4");
  t.equal(free(six, [], "fd00:1::ffff:ffff:ffff:ffff"), "fd00:1::2", "around");
  t.equal(free({ subnet: "fd00:1::/126", gateway: "fd00:1::1" }, ["fd00:1::2", "fd00:1::3"], "fd00:1::2"), undefined);
  t.equal(free({ ...six, ipRange: "fd00:1:0:0:8000::/65" }), "fd00:1:0:0:8000::");
});

t.test("a free address is free, usable, and found where there is one", async () => {
  const subnet = fc.constantFrom("10.1.0.0/28", "10.1.0.0/30", "fd00::/124", "fd00::/126", "fd00::/64");
  fc.assert(
    fc.property(subnet, fc.uniqueArray(fc.nat(17)), fc.option(fc.nat(17), { nil: undefined }), (text, offsets, lastOffset) => {
      const { family } = requireIpSubnet(text);
      const at = (offset: number) => (family === "ipv4" ? `10.1.0.${offset}` : offset === 0 ? "fd00::" : `fd00::${offset.toString(16)}`);
      const range = usableRange(requireIpSubnet(text));
      const taken = new Set(offsets.map(at));
      const chosen = nextFree({ subnet: text, gateway: at(1) }, taken, lastOffset === undefined ? undefined : at(lastOffset));
      const ip = chosen === undefined ? undefined : parseIp(chosen);
      if (chosen === undefined || !ip) {
        const count = Number(range.last - range.first + 1n);
        return count < 20 && Array.from({ length: count }, (_, index) => at(index + 1)).every((each) => taken.has(each) || each === at(1));
      }
      const isUsable = ipContains(requireIpSubnet(text), ip) && ip.value >= range.first && ip.value <= range.last;
      return isUsable && !taken.has(chosen) && chosen !== at(1);
    }),
  );
});

t.test("an address that is asked for", async (t) => {
  const pools = [
    { subnet: "10.1.0.0/24", gateway: "10.1.0.1", ipRange: "10.1.0.128/25", reserved: { dns: "10.1.0.9" } },
    { subnet: "fd00::/64" },
  ];
  t.equal(checkAsked("web", pools, "10.1.0.7").subnet, "10.1.0.0/24", "outside of the range: as docker");
  t.equal(checkAsked("web", pools, "fd00::7").subnet, "fd00::/64");
  for (const foreign of ["10.2.0.1", "fd01::1", "nonsense", "10.1.0.0", "10.1.0.255", "fd00::"]) {
    t.throws(() => checkAsked("web", pools, foreign), { code: "foreign-address", exitCode: 125 }, foreign);
  }
  t.throws(() => checkAsked("web", pools, "10.1.0.1"), { code: "address-taken", message: /its gateway/ });
  t.throws(() => checkAsked("web", pools, "10.1.0.9"), { code: "address-taken", message: /reserved for dns/ });
});

t.test("how full a pool is", async (t) => {
  const pool = { subnet: "10.1.0.0/24", gateway: "10.1.0.1", reserved: { dns: "10.1.0.9" } };
  t.same(usageOf(pool, []), { inUse: 4n, available: 252n });
  t.same(usageOf(pool, ["10.1.0.9", "10.1.0.7", "fd00::7"]), { inUse: 5n, available: 251n });
  t.same(usageOf({ ...pool, ipRange: "10.1.0.128/30" }, ["10.1.0.129", "10.1.0.7"]), { inUse: 6n, available: 3n });
  t.same(usageOf({ subnet: "fd00::/64", gateway: "fd00::1" }, ["fd00::2"]), { inUse: 3n, available: (1n << 64n) - 3n });
});
