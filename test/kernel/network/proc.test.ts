// Texts of /proc/net as kernels write them.
import t from "tap";
import { parseFibTrie, parseRoutes } from "../../../src/kernel/network/route.ts";
import { renderAddress } from "../../../src/network/address.ts";
import { renderIpSubnet } from "../../../src/network/ip.ts";

const route = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0100420A	0003	0	0	0	00000000	0	0	0
eth0	0000420A	00000000	0001	0	0	0	00F0FFFF	0	0	0
`;
const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.66.0.0/20 2 0 2
        |-- 10.66.0.0
           /20 link UNICAST
        |-- 10.66.0.2
           /32 host LOCAL
        |-- 10.66.15.255
           /32 link BROADCAST
     |-- 192.0.2.0
        /24 universe BLACKHOLE
     |-- 127.0.0.1
        /32 host LOCAL
`;

t.test("routes", async (t) => {
  t.same(
    parseRoutes(route).map(({ link, destination, gateway }) => `${link} ${renderIpSubnet(destination)} ${renderAddress(gateway)}`),
    ["eth0 0.0.0.0/0 10.66.0.1", "eth0 10.66.0.0/20 0.0.0.0"],
  );
  t.same(parseRoutes(""), []);
});

t.test("the trie", async (t) => {
  t.same(parseFibTrie(fibTrie).map(renderIpSubnet), ["0.0.0.0/0", "10.66.0.0/20", "10.66.0.2/32", "192.0.2.0/24", "127.0.0.1/32"]);
});
