// Addresses and subnets of both families, beside node:net as an oracle.
import { BlockList, isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import t from "tap";
import {
  bitsOf,
  type IpFamily,
  ipContains,
  ipCovers,
  ipLastOf,
  ipOverlaps,
  ipSizeOf,
  ipSubnetOf,
  parseIp,
  parseIpSubnet,
  renderIp,
  renderIpSubnet,
  requireIpSubnet,
  usableRange,
} from "../../src/network/ip.ts";
import { macOfText } from "../../src/network/mac.ts";

const address = fc.oneof(
  fc.bigInt(0n, 0xffffffffn).map((value) => ({ family: "ipv4" as const, value })),
  fc.bigInt(0n, (1n << 128n) - 1n).map((value) => ({ family: "ipv6" as const, value })),
);
const subnet = address.chain((ip) => fc.nat(bitsOf[ip.family]).map((prefixLength) => ipSubnetOf(ip, prefixLength)));
/** Subnets near each other, so that they do meet. */
const near = fc
  .tuple(fc.constantFrom<IpFamily>("ipv4", "ipv6"), fc.nat(255), fc.nat(8))
  .map(([family, low, spare]) => ipSubnetOf({ family, value: (10n << 24n) + BigInt(low) }, bitsOf[family] - spare));

t.test("text and number", async (t) => {
  fc.assert(fc.property(address, (ip) => JSON.stringify(parseIp(renderIp(ip)), String) === JSON.stringify(ip, String)));
  fc.assert(fc.property(subnet, (value) => renderIpSubnet(requireIpSubnet(renderIpSubnet(value))) === renderIpSubnet(value)));
  fc.assert(fc.property(address, (ip) => (ip.family === "ipv4" ? isIPv4 : isIPv6)(renderIp(ip))));
  t.equal(renderIp({ family: "ipv6", value: 0n }), "::");
  t.equal(renderIp({ family: "ipv6", value: (0xfdn << 120n) + 1n }), "fd00::1");
  t.equal(renderIpSubnet(requireIpSubnet("10.1.2.3/24")), "10.1.2.0/24");
  t.equal(renderIpSubnet(requireIpSubnet("FD00:0::1/64")), "fd00::/64");
  for (const wrong of [
    "10.1.2.0",
    "10.1.2.0/33",
    "10.1.2.0/024",
    "10.1.2.0/",
    "/24",
    "fd00::/129",
    "fd00::%1/64",
    "a/8",
    "",
    "1.2.3/8/8",
  ]) {
    t.equal(parseIpSubnet(wrong), undefined, wrong);
  }
  t.throws(() => requireIpSubnet("x"), { kind: "invalid", code: "bad-subnet" });
});

t.test("any text: an address exactly when node:net says so", async () => {
  const piece = fc.constantFrom("1", "255", "256", "01", ".", ":", "::", "fd00", "g", "%eth0", "[", "]", "", " ");
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
  );
  fc.assert(fc.property(text, (input) => (parseIp(input) !== undefined) === (isIPv4(input) || (isIPv6(input) && !input.includes("%")))));
});

t.test("what lies in a subnet", async () => {
  const inside = (one: ReturnType<typeof ipSubnetOf>, ip: { family: IpFamily; value: bigint }) => {
    const list = new BlockList();
    list.addSubnet(renderIp({ family: one.family, value: one.base }), one.prefixLength, one.family);
    return list.check(renderIp(ip), ip.family);
  };
  // A BlockList takes IPv4 addresses for the mapped ones of IPv6: only pairs of one family are compared.
  fc.assert(
    fc.property(near, near, (one, other) => {
      const ip = { family: other.family, value: other.base };
      return one.family === ip.family ? ipContains(one, ip) === inside(one, ip) : !ipContains(one, ip);
    }),
  );
  fc.assert(
    fc.property(near, near, (one, other) => {
      const isShared =
        one.family === other.family &&
        (ipContains(one, { family: other.family, value: other.base }) || ipContains(other, { family: one.family, value: one.base }));
      const isCovered = ipCovers(one, other);
      return ipOverlaps(one, other) === isShared && ipOverlaps(other, one) === isShared && (!isCovered || isShared);
    }),
  );
  fc.assert(fc.property(subnet, (one) => ipContains(one, { family: one.family, value: ipLastOf(one) }) && ipCovers(one, one)));
});

t.test("ends", async (t) => {
  const ends = (text: string) => {
    const one = requireIpSubnet(text);
    const { first, last } = usableRange(one);
    return [first, last].map((value) => renderIp({ family: one.family, value })).join("-");
  };
  t.equal(ends("10.1.0.0/24"), "10.1.0.1-10.1.0.254");
  t.equal(ends("10.1.0.0/31"), "10.1.0.0-10.1.0.1");
  t.equal(ends("10.1.0.0/32"), "10.1.0.0-10.1.0.0");
  t.equal(ends("fd00::/64"), "fd00::1-fd00::ffff:ffff:ffff:ffff");
  t.equal(ends("fd00::/127"), "fd00::-fd00::1");
  t.equal(ipSizeOf(requireIpSubnet("fd00::/64")), 1n << 64n);
});

t.test("hardware addresses", async (t) => {
  t.equal(macOfText("10.0.0.1"), "02:74:0a:00:00:01");
  t.equal(macOfText("fd00::a00:1"), "02:76:0a:00:00:01");
});
