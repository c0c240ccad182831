// The messages and listings on the real kernel: a bridge, a container's link, and what `net show` says of them.
import "../fixture/fresh-namespaces.ts";
import { readFileSync } from "node:fs";
import t from "tap";
import { addAddress, addBridge, removeLink, setLinkUp } from "../../src/kernel/netlink/link.ts";
import { readAddresses, readLinks } from "../../src/kernel/netlink/list.ts";
import { readLinkIndex, readLinkMtu } from "../../src/kernel/netlink/sysfs.ts";
import { readBridgeNetwork, readBridgeTable } from "../../src/kernel/network/bridge.ts";
import { portHolder } from "../../src/kernel/network/port.ts";
import { readRoutes } from "../../src/kernel/network/route.ts";
import { describeTaken, readTakenSubnets } from "../../src/kernel/network/taken.ts";
import { renderIpSubnet } from "../../src/network/ip.ts";
import { viewBridges } from "../../src/network/view.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { joinContainer, networkPlan, openNeighbour, perform, rules, sh, undo } from "../network/lab.ts";

const spec = { name: "lab", bridge: "tsns-lab", pools: [{ subnet: "10.66.0.0/20", gateway: "10.66.0.1" }], mtu: 1400 };

t.test("links come and go, twice without complaint", needRoot, async (t) => {
  addBridge("br-test", "02:74:0a:00:00:01");
  addBridge("br-test", "02:74:0a:00:00:01");
  t.throws(() => addBridge("br-test", "02:74:0a:00:00:02"), { code: "kernel-eexist" });
  addAddress({ link: "br-test", address: "10.9.0.1/24" });
  addAddress({ link: "br-test", address: "10.9.0.1/24" });
  const bridge = () => readLinks().find((each) => each.name === "br-test");
  t.equal(bridge()?.up, false);
  setLinkUp("br-test");
  const link = bridge();
  t.match(link, { kind: "bridge", up: true, index: readLinkIndex("br-test"), bridge: { id: "8000.02740a000001", stp: false } });
  t.equal(link?.mac, "02:74:0a:00:00:01");
  t.match(await readAddresses(), [{ address: "127.0.0.1" }, { address: "10.9.0.1", prefixLength: 24, linkIndex: link?.index }]);
  t.ok(readRoutes().some((route) => route.link === "br-test" && renderIpSubnet(route.destination) === "10.9.0.0/24"));
  t.ok(readTakenSubnets().map(describeTaken).includes("the address 10.9.0.1"), "addresses are taken too");
  removeLink("br-test");
  removeLink("br-test");
  t.equal(readLinkIndex("br-test"), undefined);
  t.throws(() => setLinkUp("br-test"), { code: "kernel-enodev" });
});

t.test("a container joins a network and leaves it by ending", needRoot, async (t) => {
  sh("for table in raw nat filter; do iptables -t $table -N x; iptables -t $table -X x; done");
  const [links, before] = [sh("ip -o link | cut -d: -f2"), rules()];
  const plan = networkPlan(spec);
  await perform(plan);
  const web = await joinContainer(spec, "web", "10.66.0.2", [], [80]);
  const inside = (command: string) => sh(`nsenter -t ${web.pid} -n ${command}`);

  t.match(inside("ip -o -4 addr show eth0"), /inet 10\.66\.0\.2\/20 brd 10\.66\.15\.255 /);
  t.match(inside("ip route"), /^default via 10\.66\.0\.1 dev eth0/);
  t.match(inside("ip -o link show eth0"), /mtu 1400 .*link\/ether 02:74:0a:42:00:02/);
  t.match(inside("ip -o link show lo"), /LOOPBACK,UP/);
  t.match(inside("ping -c1 -W5 10.66.0.1"), / 0% packet loss/);
  t.equal(readLinkMtu(web.hostLink), 1400);
  const bridge = readLinkIndex("tsns-lab");
  t.ok(
    readBridgeTable().entries.some((entry) => entry.mac === "02:74:0a:42:00:02"),
    "the bridge has learnt the address",
  );

  const owner = { engine: "tsns", name: "web", id: "0123", pid: web.pid } as const;
  const owners = { ofProcess: ({ pid }: { pid: number }) => (pid === web.pid ? owner : undefined), ofBridge: () => undefined };
  const [shown] = viewBridges(readBridgeNetwork(), owners);
  t.match(shown, {
    name: "tsns-lab",
    index: bridge,
    id: "8000.02740a420001",
    addresses: ["10.66.0.1/20"],
    ports: [
      {
        name: web.hostLink,
        state: "forwarding",
        hairpin: false,
        isolated: false,
        peer: { owner, label: "web", pid: web.pid, link: "eth0", mac: "02:74:0a:42:00:02", addresses: ["10.66.0.2/20"] },
      },
    ],
  });

  await web.stop();
  await waitFor("the link is gone", () => readLinkIndex(web.hostLink) === undefined);
  await undo(plan);
  t.equal(sh("ip -o link | cut -d: -f2"), links, "no link is left");
  t.equal(rules(), before, "no rule is left");
});

t.test("who holds a port", needRoot, async (t) => {
  const neighbour = await openNeighbour();
  t.teardown(() => neighbour.stop());
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((done) => server.listen(8088, "10.99.0.1", done));
  t.teardown(() => server.close());
  t.same(portHolder("tcp", "10.99.0.1", 8088), { pid: process.pid, command: readFileSync("/proc/self/comm", "utf8").trim() });
  t.ok(portHolder("tcp", "0.0.0.0", 8088), "all addresses include it");
  t.notOk(portHolder("tcp", "127.0.0.1", 8088));
  t.notOk(portHolder("udp", "10.99.0.1", 8088));
  t.notOk(portHolder("tcp", "10.99.0.1", 8089));
  const all = createServer();
  await new Promise<void>((done) => all.listen(8090, "::", done));
  t.teardown(() => all.close());
  t.equal(portHolder("tcp", "127.0.0.1", 8090)?.pid, process.pid, ":: takes IPv4 as well");
});
