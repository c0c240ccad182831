// IPv4 arithmetic, by example. Properties of it are in test/fuzz/route-address.test.ts.
import t from "tap";
import { isIpv6Address, parseAddress, prefixOfMask, renderAddress } from "../../src/network/address.ts";

t.test("addresses", async (t) => {
  t.equal(parseAddress("10.0.0.1"), 0x0a000001);
  t.equal(parseAddress("255.255.255.255"), 0xffffffff);
  t.equal(renderAddress(0xc0a80001), "192.168.0.1");
  for (const wrong of ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "1.2.3.x", " 1.2.3.4", "0x1.2.3.4"]) {
    t.equal(parseAddress(wrong), undefined, `"${wrong}"`);
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
