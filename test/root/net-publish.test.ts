// Published ports on the real kernel: who reaches them, by which address, and who must not.
import "../fixture/fresh-namespaces.ts";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import t, { type Test } from "tap";
import { readRules } from "../../src/kernel/iptables/index.ts";
import { namesOfBridge } from "../../src/network/name.ts";
import { parsePort } from "../../src/network/port.ts";
import type { NetworkSpec } from "../../src/network/spec.ts";
import { needRoot } from "../fixture/root.ts";
import { ask, askInVain, joinContainer, type Member, networkPlan, openNeighbour, perform, sh } from "../network/lab.ts";

const spec: NetworkSpec = { name: "lab", bridge: "tsns-lab", pools: [{ subnet: "10.66.0.0/20", gateway: "10.66.0.1" }] };
const other: NetworkSpec = { name: "other", bridge: "tsns-other", pools: [{ subnet: "10.67.0.0/24", gateway: "10.67.0.1" }] };
const bridgeNetfilter = "/proc/sys/net/bridge/bridge-nf-call-iptables";

async function openWorld(): Promise<{ web: Member; dns: Member; far: Member; neighbour: Member }> {
  const neighbour = await openNeighbour();
  for (const network of [spec, other]) await perform(networkPlan(network));
  const ports = ["8080:80", "127.0.0.1:8081:81", "10.99.0.1:8082:80", "5300:53/udp"].flatMap(parsePort);
  const web = await joinContainer(spec, "web", "10.66.0.2", ports, [80, 81, 53]);
  const dns = await joinContainer(spec, "dns", "10.66.0.3", [], [53]);
  const far = await joinContainer(other, "far", "10.67.0.2", [], [80]);
  return { web, dns, far, neighbour };
}

function verdicts(t: Test, { web, dns, far, neighbour }: Awaited<ReturnType<typeof openWorld>>): void {
  t.equal(ask(0, "tcp", "127.0.0.1", 8080), "web 10.66.0.1", "the host by 127.0.0.1");
  t.equal(ask(0, "tcp", "10.99.0.1", 8080), "web 10.99.0.1", "the host by its LAN address");
  t.equal(ask(0, "tcp", "10.66.0.2", 80), "web 10.66.0.1", "the host by the container's address");
  t.equal(ask(0, "tcp", "127.0.0.1", 8081), "web 10.66.0.1", "a port on 127.0.0.1 from the host");
  t.equal(askInVain(0, "tcp", "10.99.0.1", 8081), "", "a port on 127.0.0.1 by another address");
  t.equal(ask(neighbour.pid, "tcp", "10.99.0.1", 8080), "web 10.99.0.2", "a neighbour, whose address the container sees");
  t.equal(ask(neighbour.pid, "tcp", "10.99.0.1", 8082), "web 10.99.0.2", "a port on the LAN address from a neighbour");
  t.equal(askInVain(neighbour.pid, "tcp", "10.66.0.1", 8082), "", "a port on the LAN address by another one");
  t.equal(askInVain(neighbour.pid, "tcp", "10.99.0.1", 8081), "", "a port on 127.0.0.1 from a neighbour");
  t.equal(askInVain(neighbour.pid, "tcp", "10.66.0.2", 81), "", "a neighbour that routes to the container");
  t.equal(ask(neighbour.pid, "udp", "10.99.0.1", 5300), "web 10.99.0.2", "UDP from a neighbour");
  t.equal(ask(0, "udp", "127.0.0.1", 5300), "web 10.66.0.1", "UDP from the host");
  t.equal(ask(dns.pid, "tcp", "10.66.0.2", 80), "web 10.66.0.3", "another container directly");
  t.equal(ask(dns.pid, "tcp", "10.99.0.1", 8080), "web 10.66.0.1", "another container by the host's address");
  t.equal(ask(dns.pid, "tcp", "10.66.0.1", 8080), "web 10.66.0.1", "another container by the gateway");
  t.equal(ask(web.pid, "tcp", "10.99.0.1", 8080), "web 10.66.0.1", "the container itself by the host's address");
  t.equal(ask(far.pid, "tcp", "10.99.0.1", 8080), "web 10.66.0.1", "a container of another network by a published port");
  t.equal(askInVain(far.pid, "tcp", "10.66.0.2", 80), "", "a container of another network directly");
}

t.test("published ports", needRoot, async (t) => {
  const world = await openWorld();
  t.teardown(async () => {
    for (const member of Object.values(world)) await member.stop();
  });
  t.test("with bridged packets passing iptables", async (t) => {
    if (!hasBridgeNetfilter()) return t.plan(0, "this kernel has no br_netfilter");
    writeFileSync(bridgeNetfilter, "1");
    verdicts(t, world);
  });
  t.test("without", async (t) => {
    if (hasBridgeNetfilter()) writeFileSync(bridgeNetfilter, "0");
    verdicts(t, world);
  });
  t.test("beside a firewall that drops what it does not know", async (t) => {
    sh("iptables -P FORWARD DROP");
    verdicts(t, world);
  });
  t.test("127.0.0.0/8 of the host is closed to forged packets", async (t) => {
    const server = createServer((socket) => socket.end("secret"));
    await new Promise<void>((done) => server.listen(8090, "127.0.0.1", done));
    t.teardown(() => server.close());
    forge(world.dns.pid, "10.66.0.1", "eth0");
    forge(world.neighbour.pid, "10.99.0.1", "lan1");
    const dropped = () => counterOf(namesOfBridge(spec.bridge).guardChain);
    const before = dropped();
    t.equal(askInVain(world.dns.pid, "tcp", "127.0.0.1", 8090), "", "a service of the host from a container");
    t.ok(dropped() > before, "the packets have arrived and were dropped");
    t.equal(askInVain(world.dns.pid, "tcp", "127.0.0.1", 8081), "", "a port published there from a container");
    t.equal(askInVain(world.neighbour.pid, "tcp", "127.0.0.1", 8081), "", "a port published there from a neighbour");
  });
});

function counterOf(chain: string): bigint {
  const counted = readRules("ipv4").tables.flatMap((table) => table.rules.filter(({ rule }) => rule.chain === chain));
  return counted.reduce((sum, { counter }) => sum + counter.packets, 0n);
}

/** Makes the namespace of a process send packets for 127.0.0.1 to a gateway, as no honest host does. */
function forge(pid: number, gateway: string, link: string): void {
  sh(`nsenter -t ${pid} -n sh -c 'ip address flush dev lo; ip link set lo down; ip route flush table local root 127.0.0.0/8
    echo 1 > /proc/sys/net/ipv4/conf/${link}/route_localnet; ip route replace 127.0.0.1/32 via ${gateway} dev ${link}'`);
}

function hasBridgeNetfilter(): boolean {
  try {
    readFileSync(bridgeNetfilter);
    return true;
  } catch {
    return false;
  }
}
