// What a trace says beside what really happens: bridges, namespaces and rules of this kernel, for each thing that can stop a packet.
import "../fixture/fresh-namespaces.ts";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import t, { type Test } from "tap";
import { openEngine } from "../../src/engine/engine.ts";
import { readExposure } from "../../src/engine/network/exposed.ts";
import { flushStale, listFlows } from "../../src/engine/network/flows.ts";
import { traceRequest } from "../../src/engine/network/trace.ts";
import { probeTrace } from "../../src/engine/network/trace-live.ts";
import { patience } from "../fixture/patience.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const server = `
const net = require("node:net"), udp = require("node:dgram").createSocket("udp4");
const all = [[80, "::"], [81, "127.0.0.1"]];
let left = all.length + 1;
const ready = () => { if (--left === 0) console.log("ready"); };
for (const [port, host] of all) net.createServer((s) => s.on("error", () => {}).end()).listen(port, host, ready);
udp.on("message", (m, from) => udp.send("x", from.port, from.address)).bind(53, ready);`;

const sh = (script: string): string => execFileSync("sh", ["-ec", script], { encoding: "utf8" });
const bridgeFilter = "/proc/sys/net/bridge/bridge-nf-call-iptables";
const hasBridgeFilter = existsSync(bridgeFilter);
const setBridgeFilter = (value: 0 | 1) => (hasBridgeFilter ? `echo ${value} > ${bridgeFilter}` : "true");

/** Addresses are used at once, without a second of asking for duplicates. */
const quickIpv6 = "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0";

/** The kernel finds out a moment later that both ends of a pair are up; until then the bridge's port does not forward. */
const forwarding = (...ports: readonly string[]) =>
  waitFor(`ports that forward: ${ports.join(" ")}`, () =>
    ports.every((port) => readFileSync(`/sys/class/net/${port}/brport/state`, "utf8") === "3\n"),
  );

async function startNamespace(t: Test, command: readonly string[]): Promise<number> {
  const child: ChildProcess = spawn("unshare", ["--net", "sh", "-c", `${quickIpv6}; ip link set lo up; exec "$@"`, "sh", ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  if (!child.stdout) throw new Error("no output");
  for await (const line of createInterface(child.stdout)) if (line === "ready") break;
  return child.pid ?? 0;
}

interface Lab {
  readonly web: number;
  readonly peer: number;
  readonly lan: number;
}

/** br0 with two namespaces behind it, lan0 with a third that routes everything here; port 8080 leads to the first. */
async function makeLab(t: Test): Promise<Lab> {
  const idle = ["sh", "-c", "echo ready; exec sleep 1000"];
  const web = await startNamespace(t, [process.execPath, "-e", server]);
  const [peer, lan] = [await startNamespace(t, idle), await startNamespace(t, idle)];
  sh(`${quickIpv6}; ${setBridgeFilter(0)}
    ip link add br0 type bridge; ip addr add 10.50.0.1/24 dev br0; ip addr add fd50::1/64 dev br0 nodad; ip link set br0 up
    ip link add lan0 type veth peer name lan1 netns ${lan}; ip addr add 10.99.0.1/24 dev lan0; ip addr add fd99::1/64 dev lan0 nodad; ip link set lan0 up
    nsenter -t ${lan} -n sh -ec 'ip addr add 10.99.0.2/24 dev lan1; ip addr add fd99::2/64 dev lan1 nodad; ip link set lan1 up
      ip route add default via 10.99.0.1; ip route add default via fd99::1'`);
  for (const [at, pid] of [web, peer].entries()) {
    sh(`ip link add v${at} type veth peer name eth0 netns ${pid}; ip link set v${at} master br0 up
      nsenter -t ${pid} -n sh -ec 'ip addr add 10.50.0.1${at}/24 dev eth0; ip addr add fd50::1${at}/64 dev eth0 nodad; ip link set eth0 up
        ip route add default via 10.50.0.1; ip route add default via fd50::1'`);
  }
  sh(`sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    for c in PREROUTING OUTPUT; do
      iptables -t nat -A $c -p tcp -m addrtype --dst-type LOCAL --dport 8080 -j DNAT --to-destination 10.50.0.10:80
      ip6tables -t nat -A $c -p tcp -m addrtype --dst-type LOCAL --dport 8080 -j DNAT --to-destination [fd50::10]:80
      iptables -t nat -A $c -p udp -m addrtype --dst-type LOCAL --dport 5300 -j DNAT --to-destination 10.50.0.10:53
    done`);
  return { web, peer, lan };
}

interface Scenario {
  readonly name: string;
  readonly from?: "host" | keyof Lab;
  readonly to: string;
  readonly protocol?: "tcp" | "udp";
  readonly prepare?: string;
  readonly undo?: string;
  readonly verdict: "reachable" | RegExp;
  /** Part of the fix that is shown. */
  readonly fix?: RegExp;
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table
const scenarios = ({ web, peer }: Lab): readonly Scenario[] => [
  { name: "a container directly", to: "10.50.0.10:80", verdict: "reachable" },
  { name: "a published port by the host's address", to: "10.99.0.1:8080", verdict: "reachable" },
  { name: "a published port from a neighbour", from: "lan", to: "10.99.0.1:8080", verdict: "reachable" },
  { name: "UDP from a neighbour", from: "lan", to: "10.99.0.1:5300", protocol: "udp", verdict: "reachable" },
  { name: "IPv6 from a neighbour", from: "lan", to: "[fd99::1]:8080", verdict: "reachable" },
  { name: "IPv6 on the bridge", from: "peer", to: "[fd50::10]:80", verdict: "reachable" },
  { name: "a container to another", from: "peer", to: "10.50.0.10:80", verdict: "reachable" },
  {
    name: "hairpin without masquerading",
    from: "peer",
    to: "10.99.0.1:8080",
    verdict: /the answer comes from 10\.50\.0\.10:80 instead of 10\.99\.0\.1:8080/,
    fix: /MASQUERADE/,
  },
  {
    name: "hairpin with it",
    from: "peer",
    to: "10.99.0.1:8080",
    prepare: "iptables -t nat -A POSTROUTING -s 10.50.0.0/24 -o br0 -j MASQUERADE",
    undo: "iptables -t nat -F POSTROUTING",
    verdict: "reachable",
  },
  {
    name: "a container to itself",
    from: "web",
    to: "10.99.0.1:8080",
    prepare: "iptables -t nat -A POSTROUTING -s 10.50.0.0/24 -o br0 -j MASQUERADE",
    undo: "iptables -t nat -F POSTROUTING",
    verdict: "reachable",
  },
  { name: "127.0.0.1 without route_localnet", to: "127.0.0.1:8080", verdict: /route_localnet/, fix: /br0\.route_localnet=1/ },
  {
    name: "127.0.0.1 with it",
    to: "127.0.0.1:8080",
    prepare: "sysctl -qw net.ipv4.conf.br0.route_localnet=1; iptables -t nat -A POSTROUTING -s 127.0.0.0/8 -o br0 -j MASQUERADE",
    undo: "sysctl -qw net.ipv4.conf.br0.route_localnet=0; iptables -t nat -F POSTROUTING",
    verdict: "reachable",
  },
  { name: "nobody listens", to: "10.50.0.10:79", verdict: /nothing in .* listens on tcp port 79/ },
  { name: "a listener on 127.0.0.1 only", to: "10.50.0.10:81", verdict: /listens on 127\.0\.0\.1:81 only/, fix: /0\.0\.0\.0:81/ },
  {
    name: "ip_forward",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare: "sysctl -qw net.ipv4.ip_forward=0",
    undo: "sysctl -qw net.ipv4.ip_forward=1",
    verdict: /net\.ipv4\.ip_forward is 0/,
    fix: /sysctl -w net\.ipv4\.ip_forward=1/,
  },
  {
    name: "IPv6 forwarding",
    from: "lan",
    to: "[fd50::10]:80",
    prepare: "sysctl -qw net.ipv6.conf.all.forwarding=0",
    undo: "sysctl -qw net.ipv6.conf.all.forwarding=1",
    verdict: /net\.ipv6\.conf\.all\.forwarding is 0/,
  },
  {
    name: "rp_filter",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare: "sysctl -qw net.ipv4.conf.lan0.rp_filter=1; ip route add 10.99.0.2/32 dev br0",
    undo: "sysctl -qw net.ipv4.conf.lan0.rp_filter=0; ip route del 10.99.0.2/32",
    verdict: /rp_filter of lan0 .* would leave by br0/,
    fix: /lan0\.rp_filter=2/,
  },
  {
    name: "FORWARD's policy",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare: "iptables -P FORWARD DROP",
    undo: "iptables -P FORWARD ACCEPT",
    verdict: /iptables filter FORWARD policy of host drops the packet/,
    fix: /-A FORWARD -d 10\.50\.0\.10 -p tcp --dport 80 -j ACCEPT/,
  },
  {
    name: "answers that are not let back",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare: "iptables -P FORWARD DROP; iptables -A FORWARD -o br0 -j ACCEPT",
    undo: "iptables -P FORWARD ACCEPT; iptables -F FORWARD",
    verdict: /FORWARD policy of host drops the answer/,
    fix: /ESTABLISHED/,
  },
  {
    name: "a rule in a chain of its own that rejects",
    to: "10.50.0.10:80",
    prepare: "iptables -N X; iptables -A OUTPUT -j X; iptables -A X -p udp -j RETURN; iptables -A X -d 10.50.0.0/24 -j REJECT",
    undo: "iptables -F OUTPUT; iptables -F X; iptables -X X",
    verdict: /iptables filter X #2: .*REJECT.* rejects the packet/,
    fix: /iptables -t filter -I X 2 /,
  },
  {
    name: "the legacy back end beside the other",
    to: "10.50.0.10:80",
    prepare: "iptables-legacy -A OUTPUT -p tcp --dport 80 -j DROP",
    undo: "iptables-legacy -F OUTPUT",
    verdict: /iptables-legacy filter OUTPUT #1: .* drops the packet/,
  },
  {
    name: "rules inside the container's own namespace",
    to: "10.50.0.10:80",
    prepare: `nsenter -t ${web} -n iptables -A INPUT -p tcp --dport 80 -j DROP`,
    undo: `nsenter -t ${web} -n iptables -F INPUT`,
    verdict: /iptables filter INPUT #1: .* of .* drops the packet/,
  },
  {
    name: "a mark decides",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare:
      "iptables -t mangle -A PREROUTING -p tcp --dport 8080 -j MARK --set-xmark 0x20/0x20; iptables -A FORWARD -m mark --mark 0x20/0x20 -j DROP",
    undo: "iptables -t mangle -F PREROUTING; iptables -F FORWARD",
    verdict: /filter FORWARD #1: -m mark --mark 0x20\/0x20 -j DROP of host drops/,
  },
  {
    name: "no connection tracking, so no translation",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare: "iptables -t raw -A PREROUTING -p tcp --dport 8080 -j CT --notrack",
    undo: "iptables -t raw -F PREROUTING",
    verdict: /nothing in host listens on tcp port 8080/,
  },
  {
    name: "a rule that outlived its container",
    to: "10.99.0.1:8082",
    prepare: "iptables -t nat -A OUTPUT -p tcp --dport 8082 -j DNAT --to-destination 10.50.0.99:80",
    undo: "iptables -t nat -D OUTPUT -p tcp --dport 8082 -j DNAT --to-destination 10.50.0.99:80",
    verdict: /nobody on bridge br0 of host has 10\.50\.0\.99: the rule .* outlived its container/,
  },
  {
    name: "no way back",
    from: "lan",
    to: "10.99.0.1:8080",
    prepare: `nsenter -t ${web} -n ip route del default`,
    undo: `nsenter -t ${web} -n ip route add default via 10.50.0.1`,
    verdict: /has no route for the answer to 10\.99\.0\.2/,
  },
  {
    name: "an unreachable route",
    to: "10.50.0.10:80",
    prepare: "ip route add unreachable 10.50.0.10/32",
    undo: "ip route del unreachable 10.50.0.10/32",
    verdict: /a route of host says 10\.50\.0\.10 is unreachable/,
  },
  {
    name: "a port of the bridge that is down",
    to: "10.50.0.10:80",
    prepare: `nsenter -t ${web} -n ip link set eth0 down`,
    undo: `nsenter -t ${web} -n sh -c 'ip link set eth0 up; ip route replace default via 10.50.0.1; ip addr add fd50::10/64 dev eth0 nodad; ip -6 route replace default via fd50::1'`,
    verdict: /link eth0 of .* is down/,
  },
  {
    name: "isolated ports",
    from: "peer",
    to: "10.50.0.10:80",
    prepare: "bridge link set dev v0 isolated on; bridge link set dev v1 isolated on",
    undo: "bridge link set dev v0 isolated off; bridge link set dev v1 isolated off",
    verdict: /ports v1 and v0 of bridge br0 are isolated/,
    fix: /isolated off/,
  },
  ...(hasBridgeFilter
    ? [
        {
          name: "bridged packets pass FORWARD",
          from: "peer",
          to: "10.50.0.10:80",
          prepare: `${setBridgeFilter(1)}; iptables -A FORWARD -m physdev --physdev-in v1 -j DROP`,
          undo: `${setBridgeFilter(0)}; iptables -F FORWARD`,
          verdict: /filter FORWARD #1: -m physdev --physdev-in v1 -j DROP of host drops/,
        } as const,
        {
          name: "a published port on the same bridge, with br_netfilter and without masquerading",
          from: "peer",
          to: "10.99.0.1:8080",
          prepare: setBridgeFilter(1),
          undo: setBridgeFilter(0),
          verdict: "reachable",
        } as const,
        {
          name: "itself, with br_netfilter and without hairpin",
          from: "web",
          to: "10.99.0.1:8080",
          prepare: setBridgeFilter(1),
          undo: setBridgeFilter(0),
          verdict: /hairpin is off on port v0/,
          fix: /hairpin on/,
        } as const,
      ]
    : []),
  { name: "still as in the beginning", from: "lan", to: "10.99.0.1:8080", verdict: "reachable", prepare: `test ${peer} -gt 0` },
];

t.test("the verdict is what happens", needRoot, async (t) => {
  const lab = await makeLab(t);
  using engine = openEngine(t.testdir());
  if (!hasBridgeFilter) t.test("bridged packets that pass iptables", async (t) => t.plan(0, "this kernel has no br_netfilter"));
  for (const { name, from = "host", to, protocol = "tcp", prepare, undo, verdict, fix } of scenarios(lab)) {
    await forwarding("v0", "v1");
    if (prepare) sh(prepare);
    const report = await traceRequest(engine, { from: from === "host" ? from : String(lab[from]), to, protocol });
    const live = probeTrace(report, verdict === "reachable" ? 10_000 * patience : 250);
    if (undo) sh(undo);
    const { kind, reason } = report.verdict;
    if (verdict === "reachable") t.equal(`${kind} ${kind === "reachable" ? "" : reason}`.trim(), "reachable", name);
    else t.match({ kind, reason }, { kind: "blocked", reason: verdict }, name);
    if (fix) t.match(report.verdict.fix, fix, `${name}: fix`);
    t.equal(live.agrees, "yes", `${name}: ${live.outcome}`);
  }
});

/** One container on a bridge, and a neighbour. */
async function makeSmallLab(t: Test): Promise<number> {
  const web = await startNamespace(t, [process.execPath, "-e", server]);
  const lan = await startNamespace(t, ["sh", "-c", "echo ready; exec sleep 1000"]);
  sh(`ip link add br1 type bridge; ip addr add 10.51.0.1/24 dev br1; ip link set br1 up
    ip link add w0 type veth peer name eth0 netns ${web}; ip link set w0 master br1 up
    nsenter -t ${web} -n sh -ec 'ip addr add 10.51.0.10/24 dev eth0; ip link set eth0 up; ip route add default via 10.51.0.1'
    ip link add lan5 type veth peer name lan6 netns ${lan}; ip addr add 10.98.0.1/24 dev lan5; ip link set lan5 up
    nsenter -t ${lan} -n ip link set lan6 up; sysctl -qw net.ipv4.ip_forward=1`);
  await forwarding("w0");
  return lan;
}

t.test("a container and a neighbour", needRoot, async (t) => {
  const lan = await makeSmallLab(t);
  using engine = openEngine(t.testdir());

  await t.test("what decides but is not known is said, and no guess is made", async (t) => {
    const ask = () => traceRequest(engine, { from: "host", to: "10.51.0.10:80", protocol: "tcp" });
    t.equal((await ask()).verdict.kind, "reachable");
    sh("iptables -A OUTPUT -m limit --limit 1/s -j LOG; iptables -A OUTPUT -m length --length 0:40 -j ACCEPT");
    t.equal((await ask()).verdict.kind, "reachable", "a condition that changes nothing");
    sh("iptables -A OUTPUT -m length --length 41:65535 -j DROP");
    t.match((await ask()).verdict, {
      kind: "unknown",
      reason: /whether iptables filter OUTPUT #2: .* of host matches cannot be told: iptables filter OUTPUT #3: .* may drop the packet/,
    });
    sh("iptables -I OUTPUT -j DROP");
    t.match((await ask()).verdict, { kind: "blocked", reason: /OUTPUT #1/ }, "dropped before");
    sh("iptables -F OUTPUT; nft add table inet other; nft 'add chain inet other out { type filter hook output priority 5; policy drop; }'");
    t.match((await ask()).verdict, { kind: "unknown", reason: /nftables table inet other of host is not evaluated/ });
    sh("nft delete table inet other");
  });

  await t.test("who reaches which port, and which firewall is passed by", async (t) => {
    sh(`iptables -N ufw-user-input; iptables -A INPUT -i lo -j ACCEPT; iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    iptables -A INPUT -j ufw-user-input; iptables -P INPUT DROP; iptables -t nat -I PREROUTING -p tcp --dport 8090 -j DNAT --to-destination 10.51.0.10:80`);
    const rows = readExposure(engine, ["lan", "internet", "10.98.0.0/24"]);
    sh("iptables -P INPUT ACCEPT; iptables -F INPUT; iptables -X ufw-user-input; iptables -t nat -D PREROUTING 1");
    const row = rows.find(({ door }) => door.port === 8090 && door.protocol === "tcp");
    t.equal(row?.door.to, "10.51.0.10:80");
    t.match(row?.cells, [
      { side: "lan", verdict: "reachable", bypassed: /^ufw denies it in INPUT/ },
      { side: "internet", verdict: "blocked", reason: /no way to internet/ },
      { side: "10.98.0.0/24", verdict: "reachable" },
    ]);
  });

  await t.test("connections that lead nowhere are forgotten", async (t) => {
    sh("iptables -t nat -A OUTPUT -p udp --dport 5399 -j DNAT --to-destination 10.51.0.99:53");
    const report = await traceRequest(engine, { from: "host", to: "10.51.0.1:5399", protocol: "udp" });
    t.match(report.verdict.reason, /nobody on bridge br1/);
    const { sourcePort } = probeTrace(report, 50);
    const mine = () => listFlows(engine).filter(({ flow }) => flow.original.sourcePort === sourcePort);
    t.match(mine(), [{ dead: { family: "ipv4" }, client: "host", rules: { destination: { chain: "OUTPUT" } } }]);
    const gone = await flushStale(engine);
    t.ok(gone.some(({ flow }) => flow.original.sourcePort === sourcePort));
    t.same(mine(), []);
  });

  await t.test("behind a pair without a bridge too, unless its other end leads on", async (t) => {
    const { sourcePort } = probeTrace(await traceRequest(engine, { from: "host", to: "10.98.0.77:53", protocol: "udp" }), 50);
    const dead = () => listFlows(engine).filter(({ flow, dead }) => dead && flow.original.sourcePort === sourcePort).length;
    t.equal(dead(), 1);
    sh(`nsenter -t ${lan} -n sh -c "ip link add on type bridge && ip link set lan6 master on"`);
    t.equal(dead(), 0, "what else that bridge has is not known");
  });
});
