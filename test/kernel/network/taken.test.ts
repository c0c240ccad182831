// Which subnets are taken, from texts of /proc/net as kernels write them.
import t from "tap";
import { describeTaken, parseIpv6Routes } from "../../../src/kernel/network/taken.ts";
import { renderIpSubnet, requireIpSubnet } from "../../../src/network/ip.ts";

const zero = "00000000000000000000000000000000";
const line = (destination: string, lengthHex: string, flags: string, link: string) =>
  `${destination.padEnd(32, "0")} ${lengthHex} ${zero} 00 ${zero} 00000100 00000001 00000000 ${flags}     ${link}`;

const text = [
  line("20010db8", "40", "00000001", "eth0"),
  line("20010db8000000010000000000000005", "80", "80200001", "eth0"),
  line("20010db8", "80", "00300001", "eth0"),
  line("", "00", "00450003", "eth0"),
  line("fd000041", "30", "00200200", "lo"),
  line("ff", "08", "00000001", "eth0"),
  "not a route",
  "",
].join("\n");

t.test("IPv6 routes", async (t) => {
  t.same(
    parseIpv6Routes(text).map(({ subnet, link, isLocal, isAdvertised }) => [
      renderIpSubnet(subnet),
      link,
      ...(isLocal ? ["own"] : []),
      ...(isAdvertised ? ["advertised"] : []),
    ]),
    [
      ["2001:db8::/64", "eth0"],
      ["2001:db8:0:1::5/128", "eth0", "own"],
      ["::/0", "eth0", "advertised"],
      ["fd00:41::/48", "lo"],
      ["ff00::/8", "eth0"],
    ],
    "the anycast address of a subnet is in its route",
  );
  t.same(parseIpv6Routes(""), []);
});

t.test("for people", async (t) => {
  const subnet = requireIpSubnet("10.1.0.0/16");
  t.equal(describeTaken({ subnet, kind: "route", link: "eth0" }), "a route to 10.1.0.0/16 by eth0");
  t.equal(describeTaken({ subnet, kind: "route" }), "a route to 10.1.0.0/16");
  t.equal(describeTaken({ subnet, kind: "route", link: "*" }), "a route to 10.1.0.0/16", "a blackhole");
  t.equal(describeTaken({ subnet: requireIpSubnet("fd00::7/128"), kind: "address", link: "eth0" }), "the address fd00::7 of eth0");
});
