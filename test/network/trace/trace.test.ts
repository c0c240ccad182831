// Traces over recorded rule sets of docker and podman, without a kernel.
import { readFileSync } from "node:fs";
import t from "tap";
import { internet, setOfAddress, setOfBlocks } from "../../../src/network/trace/address-set.ts";
import { agreement } from "../../../src/network/trace/live.ts";
import { outside } from "../../../src/network/trace/place.ts";
import type { Space } from "../../../src/network/trace/space.ts";
import { trace } from "../../../src/network/trace/trace.ts";
import { renderTrace } from "../../../src/network/trace/view.ts";
import { ip, makeSpace, makeWorld } from "./world.ts";

const recorded = (name: string) => readFileSync(`${import.meta.dirname}/../../kernel/iptables/${name}.rules`, "utf8");
const docker = () => makeWorld({ rules: recorded("docker-nft"), bridge: "docker0", gateway: "172.17.0.1", container: "172.17.0.2" });
const podman = () => makeWorld({ rules: recorded("podman-nft"), bridge: "podman0", gateway: "10.88.0.1", container: "10.88.0.2" });

type Lab = ReturnType<typeof docker>;

function ask({ world, host }: Lab, from: "host" | "lan" | "internet", to: string, port: number, protocol: "tcp" | "udp" = "tcp") {
  const destination = ip(to);
  const sender = from === "host" ? { origin: { kind: "inside", space: host } as const } : outside(host, from, destination);
  if (!sender) throw new Error("nobody there");
  return trace(world, {
    origin: sender.origin,
    ...("source" in sender && sender.source ? { source: sender.source } : {}),
    destination,
    port,
    protocol,
  });
}

t.test("docker's rules", async (t) => {
  const published = ask(docker(), "internet", "192.0.2.10", 8080);
  t.match(published.verdict, { kind: "reachable", reason: "web listens on 0.0.0.0:80, reached at 172.17.0.2:80" });
  t.match(
    published.hops.filter(({ rule }) => rule).map(({ at, rule, answer }) => `${answer ? "back " : ""}${at} ${rule?.chain} ${rule?.number}`),
    ["nat PREROUTING DOCKER 2", "filter FORWARD DOCKER 1", "back filter FORWARD DOCKER-FORWARD 4"],
  );
  t.match(ask(docker(), "lan", "172.17.0.2", 80).verdict, {
    kind: "blocked",
    reason: /iptables raw PREROUTING #1: -d 172\.17\.0\.2\/32 '!' -i docker0 -j DROP of host drops the packet/,
    fix: /^iptables -t raw -I PREROUTING 1 /,
  });
  t.match(ask(docker(), "host", "192.0.2.10", 8080).verdict, { kind: "reachable" });
  t.match(ask(docker(), "host", "127.0.0.1", 8080).verdict, { kind: "blocked", reason: /nothing in host listens on tcp port 8080/ });
  t.match(ask(docker(), "lan", "192.0.2.10", 5300, "udp").verdict, { kind: "blocked" }, "published on 127.0.0.1");
});

t.test("podman's rules, where a mark decides on masquerading", async (t) => {
  t.match(ask(podman(), "internet", "192.0.2.10", 8080).verdict, { kind: "reachable" });
  const local = ask(podman(), "host", "127.0.0.1", 8080);
  t.ok(local.hops.some(({ at, text }) => at === "nat POSTROUTING" && text === "source 127.0.0.1 becomes 10.88.0.1"));
  t.match(local.verdict.kind, "reachable");
  const direct = ask(podman(), "lan", "10.88.0.2", 80);
  t.match(direct.verdict.kind, "reachable", "podman does not close its networks to neighbours");
});

t.test("what stops a packet", async (t) => {
  const off = makeWorld({
    rules: recorded("docker-nft"),
    bridge: "docker0",
    gateway: "172.17.0.1",
    container: "172.17.0.2",
    sysctls: { "net.ipv4.ip_forward": "0" },
  });
  t.match(ask(off, "lan", "192.0.2.10", 8080).verdict, {
    kind: "blocked",
    reason: /ip_forward is 0/,
    fix: "sysctl -w net.ipv4.ip_forward=1",
  });
  const moved = makeWorld({ rules: recorded("docker-nft"), bridge: "docker0", gateway: "172.17.0.1", container: "172.17.0.3" });
  t.match(ask(moved, "lan", "192.0.2.10", 8080).verdict, {
    kind: "blocked",
    reason: /nobody on bridge docker0 of host has 172\.17\.0\.2: the rule that leads there outlived its container/,
  });
  const closed = makeWorld({
    rules: recorded("docker-nft"),
    bridge: "docker0",
    gateway: "172.17.0.1",
    container: "172.17.0.2",
    ownRules: "*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT -p tcp -m tcp --dport 80 -j DROP\nCOMMIT\n",
  });
  t.match(
    ask(closed, "lan", "192.0.2.10", 8080).verdict,
    {
      kind: "blocked",
      reason: /iptables filter INPUT #1: .* of web drops the packet/,
      fix: "tsns ns enter 4711 --net -- iptables -t filter -I INPUT 1 -d 172.17.0.2 -p tcp --dport 80 -j ACCEPT",
    },
    "the command works where the rule is",
  );
  const local = makeWorld({
    rules: recorded("docker-nft"),
    bridge: "docker0",
    gateway: "172.17.0.1",
    container: "172.17.0.2",
    listeners: ["tcp 127.0.0.1:80"],
  });
  t.match(ask(local, "lan", "192.0.2.10", 8080).verdict, { kind: "blocked", reason: /listens on 127\.0\.0\.1:80 only/ });
});

const rulesOf = (...lines: readonly string[]) =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n${lines.join("\n")}\nCOMMIT\n`;
const verdictWith = (...lines: readonly string[]) =>
  ask(makeWorld({ rules: rulesOf(...lines), bridge: "br0", gateway: "10.1.0.1", container: "10.1.0.2" }), "host", "10.1.0.2", 80).verdict;

t.test("a container that sends in another's name", async (t) => {
  const { world, host } = docker();
  const links = host.links.map((link) => (link.name === "veth0" ? { ...link, admits: [ip("172.17.0.2")] } : link));
  const guarded = { ...host, links };
  const web = world.spaces.get("web");
  if (!web) throw new Error("no such space");
  const spaces = new Map([...world.spaces, ["host", guarded] as const]);
  const sent = (source: string) =>
    trace(
      { spaces },
      {
        origin: { kind: "inside", space: web },
        source: setOfAddress(ip(source)),
        destination: ip("172.17.0.1"),
        port: 80,
        protocol: "tcp",
      },
    ).verdict;
  t.match(sent("172.17.0.9"), {
    kind: "blocked",
    reason: /filter on veth0 of host .* as 172\.17\.0\.2 only, not as 172\.17\.0\.9/,
    fix: /spoofing=allowed/,
  });
  t.match(sent("172.17.0.2"), { kind: "blocked", reason: /nothing in host listens/ }, "its own pass");
});

t.test("chains", async (t) => {
  const drop = "-A OUTPUT -j DROP";
  t.equal(verdictWith("-A OUTPUT -j A", "-A A -j B", "-A B -j RETURN", "-A A -j ACCEPT", drop).kind, "reachable", "back to the caller");
  t.match(verdictWith("-A OUTPUT -g A", "-A A -j RETURN", drop).kind, "reachable", "goto returns to the policy");
  t.match(verdictWith("-A OUTPUT -j A", "-A A -g B", "-A B -m comment --comment x", "-A A -j ACCEPT", drop).rule, {
    chain: "OUTPUT",
    number: 2,
  });
  t.match(verdictWith("-A OUTPUT -j A", "-A A -j A", drop).kind, "unknown", "a loop of chains, which no kernel has, ends");
  t.match(verdictWith("-A OUTPUT -p tcp -m multiport --dports 79,80:81 -j REJECT").rule, { number: 1 });
  t.equal(verdictWith("-A OUTPUT ! -d 10.1.0.0/24 -j DROP", "-A OUTPUT -o eth+ -j DROP").kind, "reachable");
  t.equal(verdictWith("-A OUTPUT -p tcp -m tcp --sport 1:1023 -j DROP").kind, "reachable", "a client's port is chosen from the upper ones");
  t.equal(verdictWith("-A OUTPUT -p tcp -m tcp --sport 40000 -j DROP").kind, "unknown");
});

t.test("what is not known", async (t) => {
  const maybe = "-m string --string x --algo bm";
  t.match(verdictWith(`-A OUTPUT ${maybe} -j DROP`), {
    kind: "unknown",
    reason: /OUTPUT #1: .* of host matches cannot be told: it may drop/,
  });
  t.equal(verdictWith(`-A OUTPUT ${maybe} -j ACCEPT`).kind, "reachable", "either way it passes");
  t.match(verdictWith(`-A OUTPUT ${maybe} -j ACCEPT`, "-A OUTPUT -j DROP").kind, "unknown");
  t.match(verdictWith(`-A OUTPUT ${maybe} -j DROP`, "-A OUTPUT -j DROP").kind, "blocked", "either way it is dropped");
  t.equal(verdictWith(`-A OUTPUT ${maybe} -j A`, "-A A -p udp -j DROP").kind, "reachable", "a jump that changes nothing");
  t.match(verdictWith("-A OUTPUT -j NFQUEUE --queue-num 1"), { kind: "unknown", reason: /what NFQUEUE does/ });
  t.match(verdictWith(`-A OUTPUT ${maybe} -j MARK --set-xmark 0x1/0x1`, "-A OUTPUT -m mark --mark 0x1/0x1 -j DROP").kind, "unknown");
});

t.test("the neighbours of an IPv6 link", async (t) => {
  const links = [{ index: 2, name: "eth0", kind: "", up: true }];
  const host = makeSpace({ id: "host", links, addresses: { eth0: "2001:db8:1::10/64" } });
  const source = outside(host, "lan", ip("2001:db8:1::10"))?.source;
  t.equal(source?.sample.value, ip("2001:db8:1::1").value, "not the routers' common address, which a forwarding host has itself");
});

t.test("sets of senders", async (t) => {
  const lan = setOfBlocks("ipv4", "lan", ["10.0.0.0/24"], ["10.0.0.1", "10.0.0.0"]);
  t.same(lan.ranges, [[0x0a000002n, 0x0a0000ffn]]);
  const set = internet("ipv4");
  const within = (value: bigint) => set.ranges.some(([from, to]) => value >= from && value <= to);
  t.ok(within(ip("8.8.8.8").value) && within(ip("1.0.0.1").value));
  for (const text of ["10.9.9.9", "127.0.0.1", "172.31.0.1", "192.168.1.1", "224.0.0.1", "100.64.0.1"])
    t.notOk(within(ip(text).value), text);
  const rules = (source: string) =>
    ask(
      makeWorld({ rules: rulesOf(`-A INPUT -s ${source} -j DROP`), bridge: "br0", gateway: "10.1.0.1", container: "10.1.0.2" }),
      "internet",
      "192.0.2.10",
      22,
    ).verdict;
  t.match(rules("0.0.0.0/0").rule, { chain: "INPUT", number: 1 });
  t.match(rules("10.0.0.0/8").reason, /nothing in host listens/);
  t.match(rules("203.0.113.0/24").kind, "blocked", "some are dropped, and nobody listens for the others");
});

t.test("a program that passes connections on is worth what is behind it", async (t) => {
  const lab = (listeners: readonly string[]) => {
    const { world, host: bare } = makeWorld({
      rules: recorded("docker-nft"),
      bridge: "docker0",
      gateway: "172.17.0.1",
      container: "172.17.0.2",
      listeners,
    });
    const listening = { address: ip("127.0.0.1"), port: 8080, inode: 7 };
    const host: Space = {
      ...bare,
      listeners: () => [listening],
      ownerOf: () => "docker-proxy (pid 9)",
      relayOf: () => ({ ip: ip("172.17.0.2"), port: 80 }),
    };
    return { world: { spaces: new Map([...world.spaces, ["host", host]]) }, host };
  };
  const open = ask(lab(["tcp 0.0.0.0:80"]), "host", "127.0.0.1", 8080);
  t.match(open.verdict, {
    kind: "reachable",
    accepted: true,
    reason:
      "host listens on 127.0.0.1:8080 by docker-proxy (pid 9), which passes it on to 172.17.0.2:80: web listens on 0.0.0.0:80, reached at 172.17.0.2:80",
  });
  t.match(renderTrace(open, "host", "there"), /\nthe answer:\n.*\n(.*\n)*passed on:\n.* relay +connects to 172\.17\.0\.2:80\n/);
  t.equal(agreement("reachable", "connected", true), "yes");
  const closed = ask(lab([]), "host", "127.0.0.1", 8080);
  t.match(closed.verdict, {
    kind: "blocked",
    reason: /passes it on to 172\.17\.0\.2:80: nothing in web listens on tcp port 80$/,
    fix: / in web$/,
  });
  t.equal(agreement("blocked", "connected", true), "unclear", "a connection to the program itself proves nothing");
  t.equal(agreement("blocked", "connected"), "no");
});

const kube = (container: string, listener: string) =>
  makeWorld({ rules: recorded("kube-proxy-nft"), bridge: "cni0", gateway: "10.244.0.1", container, listeners: [listener] });

t.test("kube-proxy's rules, where chance and memory decide on some packets", async (t) => {
  const dns = kube("10.244.0.2", "udp 0.0.0.0:53");
  t.match(ask(dns, "lan", "10.96.0.10", 53, "udp").verdict, { kind: "reachable", reason: /reached at 10\.244\.0\.2:53$/ });
  const web = dns.world.spaces.get("web");
  if (!web) return t.fail("no container");
  const itself = trace(dns.world, { origin: { kind: "inside", space: web }, destination: ip("10.96.0.10"), port: 53, protocol: "udp" });
  t.ok(
    itself.hops.some(({ text }) => text === "source 10.244.0.2 becomes 10.244.0.1"),
    "its own service: marked, then masqueraded",
  );
  t.match(itself.verdict.kind, "reachable");
  const https = kube("10.244.0.11", "tcp 0.0.0.0:8443");
  t.match(ask(https, "lan", "192.0.2.10", 30443).verdict, { kind: "reachable" }, "a node port with one local end");
  t.match(ask(https, "host", "10.96.7.7", 443).verdict, { kind: "unknown", rule: { chain: "KUBE-SVC-EDNDUDH2C75GIR6O", number: 2 } });
  t.match(ask(https, "host", "10.96.8.8", 80).verdict, { kind: "unknown", rule: { chain: "KUBE-SVC-STICKY0000000000", number: 1 } });
  t.match(ask(https, "lan", "10.96.9.9", 80).verdict, { kind: "blocked", rule: { chain: "KUBE-SERVICES" } }, "a service without ends");
});
