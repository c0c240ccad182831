// Which subnet a new network gets, and the settings it comes from.
import fc from "fast-check";
import t from "tap";
import { ipCovers, ipOverlaps, ipSubnetOf, renderIpSubnet, requireIpSubnet } from "../../src/network/ip.ts";
import { parsePoolSettings } from "../../src/network/pool-settings.ts";
import { chooseSubnet, defaultPools, isDefaultRoute, poolFault, proposeSubnet, uniqueLocalPool } from "../../src/network/subnet-choice.ts";

const choose = (...taken: string[]): string | undefined => {
  const subnet = chooseSubnet(defaultPools, "ipv4", taken.map(requireIpSubnet));
  return subnet && renderIpSubnet(subnet);
};

t.test("IPv4", async (t) => {
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

t.test("IPv6", async (t) => {
  const pool = uniqueLocalPool("seed");
  t.match(pool, { base: /^fd[0-9a-f]{2}:[0-9a-f:]+::\/48$/, size: 64 });
  t.same(pool, uniqueLocalPool("seed"), "the same again");
  t.not(pool.base, uniqueLocalPool("other").base);
  const base = pool.base.slice(0, -"::/48".length);
  const next = (...taken: string[]) => {
    const subnet = chooseSubnet([...defaultPools, pool], "ipv6", taken.map(requireIpSubnet));
    return subnet && renderIpSubnet(subnet);
  };
  t.equal(next("::/0", "2000::/3", "10.66.0.0/20"), `${base}::/64`);
  t.equal(next(`${base}::/64`), `${base}:1::/64`);
  t.equal(next(`${base}::77/128`, `${base}:1::/63`), `${base}:2::/64`);
  t.equal(next("fd00::/8"), undefined);
});

t.test("proposed is the size that was asked for", async (t) => {
  const own = uniqueLocalPool("seed");
  const pools = [...defaultPools, own];
  const propose = (asked: string, ...taken: string[]) => {
    const subnet = proposeSubnet(pools, requireIpSubnet(asked), [asked, ...taken].map(requireIpSubnet));
    return subnet && renderIpSubnet(subnet);
  };
  t.equal(propose("10.77.0.0/25"), "10.66.0.0/25");
  t.equal(propose("10.0.0.0/12", "10.66.0.0/20"), "10.16.0.0/12", "larger than any pool");
  t.equal(propose("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/17"), "192.168.128.0/24", "none of the size is left: as the pools are cut");
  t.equal(propose("fd00:1::/64"), own.base.replace("/48", "/64"));
  t.equal(propose("fd00:1::/48"), own.base);
  for (const size of [48, 40, 32, 12]) {
    const proposed = propose(`fd00:1::/${size}`, own.base) ?? "";
    t.match(proposed, new RegExp(`^fd[0-9a-f:]+::/${size}$`));
    t.notMatch(proposed, /^fd00:+\//, "RFC 4193: a prefix of chance");
    t.notOk(ipOverlaps(requireIpSubnet(proposed), requireIpSubnet(own.base)), `${proposed} is free`);
  }
  t.equal(propose("2001::/7"), own.base.replace("/48", "/64"), "none is private");
});

t.test("what is chosen is free, in a pool, and of its size", async () => {
  const ends = { ipv4: 32, ipv6: 128 } as const;
  const pools = [...defaultPools, uniqueLocalPool("seed")];
  const near = fc.tuple(fc.constantFrom(...pools), fc.bigInt(0n, (1n << 20n) - 1n), fc.nat(40)).map(([pool, offset, spare]) => {
    const { family, base } = requireIpSubnet(pool.base);
    const prefixLength = Math.max(4, ends[family] - spare);
    return ipSubnetOf({ family, value: base + offset * (family === "ipv6" ? 1n << 60n : 1n << 8n) }, prefixLength);
  });
  fc.assert(
    fc.property(fc.constantFrom("ipv4" as const, "ipv6" as const), fc.array(near), (family, taken) => {
      const chosen = chooseSubnet(pools, family, taken);
      if (!chosen) return taken.length > 0;
      const pool = pools.find(({ base }) => ipCovers(requireIpSubnet(base), chosen));
      const isFree = !taken.some((subnet) => !isDefaultRoute(subnet) && ipOverlaps(subnet, chosen));
      return isFree && pool?.size === chosen.prefixLength;
    }),
  );
});

t.test("settings", async (t) => {
  const parse = (value: unknown) => parsePoolSettings(JSON.stringify(value), "networks.json");
  const pools = [
    { base: "10.200.0.0/16", size: 24 },
    { base: "fd00:9::/48", size: 64 },
  ];
  t.same(parse({ "default-address-pools": pools, "log-driver": "json-file" }), pools);
  t.equal(parse({ "log-driver": "json-file" }), undefined, "docker's file without any");
  t.equal(parse({ "default-address-pools": [] }), undefined);
  const wrong: readonly (readonly [value: unknown, message: RegExp])[] = [
    ["x", /^networks\.json: not a JSON object/],
    [{ "default-address-pools": "10.0.0.0/8" }, /must be a list/],
    [{ "default-address-pools": [{ base: "10.200.0.0/16" }] }, /must have a base and a size/],
    [{ "default-address-pools": [{ base: "10.200.0.1/16", size: 24 }] }, /no subnet without host bits/],
    [{ "default-address-pools": [{ base: "10.200.0.0/16", size: 8 }] }, /cannot be cut into subnets of \/8: from \/16 to \/30/],
    [{ "default-address-pools": [{ base: "fd00::/48", size: 127 }] }, /from \/48 to \/126/],
  ];
  for (const [value, message] of wrong) t.throws(() => parse(value), { code: "bad-settings", message }, JSON.stringify(value));
  t.throws(() => parsePoolSettings("{", "networks.json"), { code: "bad-settings", message: /not JSON/ });
  t.equal(poolFault({ base: "10.0.0.0/8", size: 30 }), undefined);
});
