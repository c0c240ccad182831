// Published ports of a container with addresses of both families: from everywhere, ::1 and hairpin included, and what must not pass; a range of
// ports; a routed network; a flow of UDP that outlives its container.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { bindPort, parsePort } from "../../src/network/port.ts";
import type { NetworkSpec } from "../../src/network/spec.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { patience } from "../fixture/patience.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { askMany, joinContainer, type Member, networkPlan, openNeighbour, perform, sh, undo } from "../network/lab.ts";

const pools = (number: number) => [
  { subnet: `10.66.${number}.0/24`, gateway: `10.66.${number}.1` },
  { subnet: `fd66:${number}::/64`, gateway: `fd66:${number}::1` },
];
const spec: NetworkSpec = { name: "lab", bridge: "tsns-lab", pools: pools(1) };
const other: NetworkSpec = { name: "other", bridge: "tsns-other", pools: pools(2) };
const routed: NetworkSpec = { name: "routed", bridge: "tsns-routed", pools: pools(3), gatewayMode: { ipv4: "routed", ipv6: "routed" } };

const bound = (texts: readonly string[]) => texts.flatMap(parsePort).flatMap((port) => bindPort(port, { ipv4: true, ipv6: true }));

interface World {
  readonly web: Member;
  readonly near: Member;
  readonly far: Member;
  readonly open: Member;
  readonly neighbour: Member;
}

async function openWorld(): Promise<World> {
  const neighbour = await openNeighbour();
  for (const network of [spec, other, routed]) await perform(networkPlan(network));
  const ports = bound([
    "8080:80",
    "[::1]:8081:81",
    "[fd99::1]:8082:80",
    "5300:53/udp",
    "20000-20999:20000-20999",
    "21000-21999:20000-20999",
  ]);
  const [web, near, far, open] = await Promise.all([
    joinContainer(spec, "web", "10.66.1.2", ports, [80, 81, 53, 20500], "fd66:1::2"),
    joinContainer(spec, "near", "10.66.1.3", [], [80], "fd66:1::3"),
    joinContainer(other, "far", "10.66.2.2", [], [80], "fd66:2::2"),
    joinContainer(routed, "open", "10.66.3.2", bound(["8090:80"]), [80, 81], "fd66:3::2"),
  ]);
  return { web, near, far, open, neighbour };
}

async function verdicts(t: Test, { web, near, far, neighbour }: World, host = true): Promise<void> {
  const cases: readonly (readonly [pid: number, what: string, expected: string, why: string])[] = [
    [0, "tcp ::1 8080", "web fd74:736e:7300::1", "the host by ::1"],
    [0, "tcp 127.0.0.1 8080", "web 10.66.1.1", "and by 127.0.0.1"],
    [0, "tcp fd99::1 8080", "web fd99::1", "the host by its LAN address"],
    [0, "tcp fd66:1::2 80", "web fd66:1::1", "the host by the container's address"],
    [0, "tcp ::1 8081", "web fd74:736e:7300::1", "a port on ::1 from the host"],
    [0, "tcp fd99::1 8081", "", "a port on ::1 by another address"],
    [0, "udp ::1 5300", "web fd74:736e:7300::1", "UDP by ::1"],
    [0, "udp fd99::1 5300", "web fd99::1", "UDP of the host"],
    [neighbour.pid, "tcp fd99::1 8080", "web fd99::2", "a neighbour, whose address the container sees"],
    [neighbour.pid, "tcp fd99::1 8082", "web fd99::2", "a port on the LAN address from a neighbour"],
    [neighbour.pid, "tcp fd66:1::1 8082", "", "a port on the LAN address by another one"],
    [neighbour.pid, "tcp fd99::1 8081", "", "a port on ::1 from a neighbour"],
    [neighbour.pid, "tcp fd66:1::2 81", "", "a neighbour that routes to the container"],
    [neighbour.pid, "tcp fd66:1::2 80", "", "also to a port that is published elsewhere"],
    [neighbour.pid, "udp fd99::1 5300", "web fd99::2", "UDP from a neighbour"],
    [neighbour.pid, "tcp fd99::1 20500", "web fd99::2", "a range"],
    [neighbour.pid, "tcp fd99::1 21500", "web fd99::2", "a range of other numbers"],
    [neighbour.pid, "tcp 10.99.0.1 21500", "web 10.99.0.2", "in IPv4 too"],
    [near.pid, "tcp fd66:1::2 80", "web fd66:1::3", "another container directly"],
    [near.pid, "tcp fd99::1 8080", "web fd66:1::1", "another container by the host's address"],
    [near.pid, "tcp fd66:1::1 8080", "web fd66:1::1", "another container by the gateway"],
    [web.pid, "tcp fd99::1 8080", "web fd66:1::1", "the container itself by the host's address"],
    [far.pid, "tcp fd99::1 8080", "web fd66:1::1", "a container of another network by a published port"],
    [far.pid, "tcp fd66:1::2 80", "", "a container of another network directly"],
    [neighbour.pid, "tcp fd66:3::2 80", "open fd99::2", "a published port of a routed network, by the container's own address"],
    [neighbour.pid, "tcp 10.66.3.2 80", "open 10.99.0.2", "in IPv4 too"],
    [neighbour.pid, "tcp fd66:3::2 81", "", "no other port of it"],
    [neighbour.pid, "tcp fd99::1 8090", "", "nothing is translated there"],
  ];
  const asked = cases.filter(([pid]) => host || pid !== 0);
  const answers = await askMany(asked.map(([pid, what, expected]) => ({ pid, what, inVain: expected === "" })));
  for (const [at, [, what, expected, why]] of asked.entries()) t.equal(answers[at], expected, `${what}: ${why}`);
}

t.test("published ports of both families", needRoot, async (t) => {
  const world = await openWorld();
  t.teardown(async () => {
    for (const member of Object.values(world)) await member.stop();
  });
  const count = sh("ip6tables-save | grep -c 'dport 2[01]' || true").trim();
  t.equal(count, "2", "two ranges of a thousand ports are two rules");
  for (const value of ["1", "0"]) {
    await t.test(`bridged packets ${value === "1" ? "" : "not "}passing iptables`, async (t) => {
      for (const family of ["ip", "ip6"]) writeFileSync(`/proc/sys/net/bridge/bridge-nf-call-${family}tables`, value);
      await verdicts(t, world);
    });
  }
  await t.test("the same in iptables-legacy", async (t) => {
    const networks = [spec, other, routed];
    const plans = [...Object.values(world).map(({ plan }) => plan), ...networks.map(networkPlan)];
    const rulesOf = (plan: Plan): Plan => ({ steps: plan.steps.filter(({ step }) => step.kind === "rule.apply") });
    for (const plan of plans) await undo(rulesOf(plan));
    process.env.TSNS_IPTABLES = "legacy";
    for (const plan of plans.toReversed()) await perform(rulesOf(plan));
    t.match(sh("ip6tables-legacy-save"), /-A TSNS-PORTS /);
    t.notMatch(sh("ip6tables-nft-save"), /-A TSNS-/);
    await verdicts(t, world);
    for (const plan of plans) await undo(rulesOf(plan));
    t.notMatch(sh("iptables-legacy-save; ip6tables-legacy-save"), /TSNS/, "and they are gone without a trace");
    delete process.env.TSNS_IPTABLES;
    for (const plan of plans.toReversed()) await perform(rulesOf(plan));
  });
  await t.test("where the host takes in and passes on nothing by policy", async (t) => {
    // What the host needs for itself: answers, and its neighbours on the LAN.
    for (const program of ["iptables", "ip6tables"])
      sh(`${program} -A INPUT -i lo -j ACCEPT; ${program} -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`);
    sh("ip6tables -A INPUT -i lan0 -p icmpv6 -j ACCEPT; for p in iptables ip6tables; do $p -P INPUT DROP; $p -P FORWARD DROP; done");
    sh("ip -6 neigh flush all");
    await verdicts(t, world);
  });
});

t.test("what is sent to the address of ::1's connections goes nowhere", needRoot, async (t) => {
  const plan = networkPlan({ ...spec, bridge: "tsns-lab2", pools: pools(7) });
  await perform(plan);
  const web = await joinContainer({ ...spec, bridge: "tsns-lab2", pools: pools(7) }, "forger", "10.66.7.2", [], [80], "fd66:7::2");
  t.teardown(() => web.stop());
  sh("ip link add out0 type veth peer name out1; ip link set out0 up; ip link set out1 up; ip -6 route add default dev out0");
  // A link that has just come up may lose what finds the gateway, and the next is said after a second.
  await waitFor("a packet that is dropped", async () => {
    t.same(await askMany([{ pid: web.pid, what: "tcp fd74:736e:7300::1 80", inVain: true }]), [""]);
    return /\[[1-9]\d*:\d+\] -A TSNS-NETWORKS -d fd74/.test(sh("ip6tables-save -c -t filter | grep fd74:736e"));
  });
  await web.stop();
  await undo(plan);
});

/** Asks by UDP from a port that stays the same, so that the kernel takes it for one conversation. */
const steady = `
const [ms, host, port] = process.argv.slice(1);
const u = require("node:dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
const say = () => u.send("?", port, host);
u.on("message", (d) => { process.stdout.write(d); process.exit(0); }).bind(4711, () => { setInterval(say, 250), say(); });
setTimeout(() => process.exit(1), Number(ms));`;

t.test("a conversation by UDP follows a container that is started anew", needRoot, async (t) => {
  const network: NetworkSpec = { name: "udp", bridge: "tsns-udp", pools: pools(8) };
  const made = networkPlan(network);
  await perform(made);
  const neighbour = await openNeighbour();
  t.teardown(() => neighbour.stop());
  const talk = (host: string, ms = 10_000 * patience) => {
    const { stdout } = spawnSync("nsenter", ["-t", `${neighbour.pid}`, "-n", process.execPath, "-e", steady, `${ms}`, host, "5301"], {
      encoding: "utf8",
    });
    return stdout;
  };
  const start = (host: number) => joinContainer(network, `run${host}`, `10.66.8.${host}`, bound(["5301:53/udp"]), [53], `fd66:8::${host}`);
  for (const host of ["10.99.0.1", "fd99::1"]) t.equal(talk(host, 1000), "", "nobody answers yet, and the kernel remembers that");
  for (const number of [2, 3]) {
    const member = await start(number);
    t.equal(talk("10.99.0.1"), `run${number} 10.99.0.2`);
    t.equal(talk("fd99::1"), `run${number} fd99::2`);
    await member.stop();
    await undo(member.plan);
    t.equal(
      sh("conntrack -L -p udp 2>/dev/null; conntrack -L -f ipv6 -p udp 2>/dev/null").match(/dport=5301/g),
      null,
      "nothing of it is remembered",
    );
  }
  await undo(made);
});
