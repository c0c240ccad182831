// Which subnet and which address are chosen.
import fc from "fast-check";
import t from "tap";
import { parseAddress, parseSubnet, renderSubnet } from "../../src/network/address.ts";
import { ipContains, parseIp, requireIpSubnet, usableRange } from "../../src/network/ip.ts";
import { checkAsked, chooseSubnet, defaultPools, gatewayOf, nextAddress, nextFree } from "../../src/network/pool.ts";

const choose = (...taken: string[]): string | undefined => {
  const subnet = chooseSubnet(defaultPools, taken.map(parseSubnet));
  return subnet && renderSubnet(subnet);
};

t.test("subnets", async (t) => {
  t.equal(choose(), "10.66.0.0/20");
  t.equal(choose("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"), "10.66.0.0/20", "default routes take nothing");
  t.equal(choose("10.66.0.0/20"), "10.66.16.0/20");
  t.equal(choose("10.66.3.7/32"), "10.66.16.0/20", "one address inside is enough");
  t.equal(choose("10.66.0.0/16"), "10.67.0.0/24");
  t.equal(choose("10.0.0.0/8"), "192.168.128.0/24", "docker's default ranges come last");
  t.equal(choose("10.0.0.0/8", "192.168.0.0/16"), "172.16.0.0/24");
  t.equal(choose("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/15"), "172.18.0.0/24");
  t.equal(choose("10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"), undefined);
  t.equal(choose("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"), undefined, "all of the Internet");
});

t.test("addresses", async (t) => {
  const subnet = parseSubnet("10.1.0.0/29");
  const gateway = gatewayOf(subnet);
  const at = (last: number) => parseAddress(`10.1.0.${last}`) ?? 0;
  t.equal(gateway, at(1));
  t.equal(nextAddress(subnet, gateway, new Set()), at(2));
  t.equal(nextAddress(subnet, gateway, new Set(), at(2)), at(3), "a freed address rests");
  t.equal(nextAddress(subnet, gateway, new Set(), at(6)), at(2), "around");
  t.equal(nextAddress(subnet, gateway, new Set([at(3), at(4)]), at(2)), at(5));
  t.equal(nextAddress(subnet, gateway, new Set([2, 3, 4, 5, 6].map(at)), at(4)), undefined, "full");
  t.equal(nextAddress(subnet, gateway, new Set([2, 3, 5, 6].map(at)), at(4)), at(4), "the last one left");
  t.equal(nextAddress(subnet, gateway, new Set(), parseAddress("9.9.9.9")), at(2), "a last one of another subnet");
});

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
