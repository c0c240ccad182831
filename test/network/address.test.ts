// IPv4 arithmetic, by example. Properties of it are in test/fuzz/route-address.test.ts.
import t from "tap";
import {
  contains,
  isIpv6Address,
  lastOf,
  overlaps,
  parseAddress,
  parseSubnet,
  prefixOfMask,
  renderAddress,
  renderSubnet,
} from "../../src/network/address.ts";

t.test("addresses", async (t) => {
  t.equal(parseAddress("10.0.0.1"), 0x0a000001);
  t.equal(parseAddress("255.255.255.255"), 0xffffffff);
  t.equal(renderAddress(0xc0a80001), "192.168.0.1");
  for (const wrong of ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "1.2.3.x", " 1.2.3.4", "0x1.2.3.4"]) {
    t.equal(parseAddress(wrong), undefined, `"${wrong}"`);
  }
});

t.test("subnets", async (t) => {
  t.equal(renderSubnet(parseSubnet("10.1.2.3/20")), "10.1.0.0/20", "host bits are cleared");
  t.equal(renderAddress(lastOf(parseSubnet("10.1.0.0/20"))), "10.1.15.255");
  t.ok(contains(parseSubnet("0.0.0.0/0"), 0xffffffff));
  t.notOk(contains(parseSubnet("10.1.0.0/20"), 0x0a011000));
  t.ok(overlaps(parseSubnet("10.0.0.0/8"), parseSubnet("10.66.0.0/20")));
  t.notOk(overlaps(parseSubnet("10.66.0.0/20"), parseSubnet("10.66.16.0/20")));
  for (const wrong of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8/8", "10.0.0.0/08"]) {
    t.throws(() => parseSubnet(wrong), { kind: "invalid", code: "bad-subnet" }, `"${wrong}"`);
  }
});

t.test("masks", async (t) => {
  t.equal(prefixOfMask(0), 0);
  t.equal(prefixOfMask(0xfffff000), 20);
  t.equal(prefixOfMask(0xffffffff), 32);
  t.equal(prefixOfMask(0xff00ff00), undefined);
});

t.test("IPv6 addresses are recognised", async (t) => {
  for (const right of ["::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "2001:db8::", "1::8"])
    t.ok(isIpv6Address(right), right);
  for (const wrong of [
    "",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    "::1.2.3",
    "1.2.3.4",
    "1:2:3:4:5:6:7:8::",
  ]) {
    t.notOk(isIpv6Address(wrong), wrong);
  }
});
