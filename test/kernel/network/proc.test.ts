// Texts of /proc/net as kernels write them.
import t from "tap";
import { parseListeners } from "../../../src/kernel/network/port.ts";
import { parseFibTrie, parseRoutes } from "../../../src/kernel/network/route.ts";
import { parseAddress, renderAddress, renderSubnet } from "../../../src/network/address.ts";

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
    parseRoutes(route).map(({ link, destination, gateway }) => `${link} ${renderSubnet(destination)} ${renderAddress(gateway)}`),
    ["eth0 0.0.0.0/0 10.66.0.1", "eth0 10.66.0.0/20 0.0.0.0"],
  );
  t.same(parseRoutes(""), []);
});

t.test("the trie", async (t) => {
  t.same(parseFibTrie(fibTrie).map(renderSubnet), ["0.0.0.0/0", "10.66.0.0/20", "10.66.0.2/32", "192.0.2.0/24", "127.0.0.1/32"]);
});

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const rest = "00000000:00000000 00:00000000 00000000     0        0";

t.test("listeners", async (t) => {
  const tcp = `${head}   0: 0100007F:1F90 00000000:0000 0A ${rest} 4711 1 0
   1: 0100007F:1F90 0100007F:D431 01 ${rest} 4712 1 0
`;
  t.same(
    parseListeners(tcp, "tcp"),
    [{ address: parseAddress("127.0.0.1"), port: 8080, inode: "4711" }],
    "an established connection is none",
  );
  const udp = `${head}   0: 00000000:0035 00000000:0000 07 ${rest} 4713 1 0\n`;
  t.same(parseListeners(udp, "udp"), [{ address: 0, port: 53, inode: "4713" }]);
  const six = ["00000000000000000000000000000000", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"];
  const tcp6 = head + six.map((ip) => `   0: ${ip}:0050 ${six[0]}:0000 0A ${rest} 1 1 0\n`).join("");
  t.same(
    parseListeners(tcp6, "tcp").map((listener) => listener.address),
    ["any6", parseAddress("127.0.0.1"), "other"],
  );
});
