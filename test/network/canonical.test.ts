import t from "tap";
import { canonicalAddress, renderIpv6 } from "../../src/network/canonical.ts";

t.test("one spelling per address", async (t) => {
  const cases: Readonly<Record<string, string>> = {
    "10.0.0.1": "10.0.0.1",
    "::": "::",
    "0:0:0:0:0:0:0:1": "::1",
    "FD00:0:0:1::2": "fd00:0:0:1::2",
    "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
    "::ffff:10.0.0.1": "10.0.0.1",
    "[fe80::1%eth0]": "fe80::1",
    "64:ff9b::192.0.2.33": "64:ff9b::c000:221",
  };
  for (const [text, wanted] of Object.entries(cases)) t.equal(canonicalAddress(text), wanted, text);
  for (const text of ["", "10.0.0", "::1::", "fd00", "eth0"]) t.equal(canonicalAddress(text), undefined, text);
  t.equal(renderIpv6([1, 0, 0, 2, 0, 0, 0, 3]), "1:0:0:2::3", "the longest run");
});
