// What `tsns net check` says of a host, one trouble at a time: each is found, proved and given a repair.
import t from "tap";
import { renderChecks } from "../../cmds/net/check.ts";
import { parseRuleSet } from "../../src/kernel/iptables/index.ts";
import { publishedPortsOf, ruleFactsOf } from "../../src/kernel/network/check.ts";
import { type CheckFacts, checkNetworking, type RuleFact, worstOf } from "../../src/network/check.ts";
import { address, link, route } from "./link-fixture.ts";

const rules = (family: "ipv4" | "ipv6", change: Partial<RuleFact> = {}): RuleFact => ({
  family,
  backend: "nft",
  rules: 4,
  forwardPolicy: "ACCEPT",
  chains: ["FORWARD", "TSNS-FWD-tsns0"],
  ...change,
});

const settings: Readonly<Record<string, string>> = {
  "net.ipv4.ip_forward": "1",
  "net.ipv6.conf.all.forwarding": "0",
  "net.ipv4.conf.all.rp_filter": "1",
  "net.ipv4.conf.eth0.rp_filter": "0",
  "net.bridge.bridge-nf-call-iptables": "1",
  "net.bridge.bridge-nf-call-ip6tables": "1",
  "net.netfilter.nf_conntrack_count": "10",
  "net.netfilter.nf_conntrack_max": "1000",
  "net.ipv4.ip_local_port_range": "32768\t60999",
  "net.ipv4.ip_local_reserved_ports": "",
};

const links = [
  link(1, "lo", { type: "loopback" }),
  link(2, "eth0"),
  link(3, "tsns0", { kind: "bridge" }),
  link(4, "v0", { kind: "veth", master: 3 }),
];
const peer = {
  bridge: "tsns0",
  owner: "web",
  link: "eth0",
  mac: "02:00:00:00:00:aa",
  mtu: 1500,
  addresses: ["10.66.0.2/20", "fe80::1/64"],
};

/** A host on which all is well. */
const well: CheckFacts = {
  sysctls: new Map(Object.entries(settings)),
  links,
  addresses: [address(2, "192.0.2.7/24"), address(3, "10.66.0.1/20")],
  routes: [route("0.0.0.0/0", 2, { gateway: "192.0.2.1" }), route("192.0.2.0/24", 2), route("10.66.0.0/20", 3)],
  peers: [peer],
  rules: [rules("ipv4"), rules("ipv6", { rules: 0 })],
  rulesFault: "",
  published: [{ protocol: "tcp", first: 8080, last: 8080 }],
  firewalls: [
    { name: "ufw", active: false, evidence: "/etc/ufw/ufw.conf is not there" },
    { name: "firewalld", active: false, evidence: "no process is called firewalld" },
  ],
  nameservers: ["192.0.2.53"],
  networks: [{ name: "bridge", bridge: "tsns0", subnet: "10.66.0.0/20" }],
};

const withSettings = (change: Readonly<Record<string, string | undefined>>): CheckFacts => ({
  ...well,
  sysctls: new Map(
    Object.entries({ ...settings, ...change }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  ),
});
/** What is not well, as "name status fix". */
const troubles = (facts: CheckFacts) =>
  checkNetworking(facts)
    .filter(({ status }) => status !== "ok")
    .map(({ name, status, fix }) => [name, status, fix]);

t.test("a host on which all is well", async (t) => {
  const results = checkNetworking(well);
  t.same(troubles(well), []);
  t.equal(worstOf(results), "ok");
  t.ok(
    results.every(({ found, why, fix }) => found !== "" && why !== "" && fix === ""),
    "each says what was read and why",
  );
  t.notMatch(renderChecks(results), /why:|fix:/);
});

t.test("settings", async (t) => {
  t.same(troubles(withSettings({ "net.ipv4.ip_forward": "0" })), [["ip-forward", "fail", "sysctl -w net.ipv4.ip_forward=1"]]);
  t.same(
    troubles({ ...withSettings({ "net.ipv4.ip_forward": "0" }), addresses: [] }),
    [["ip-forward", "warn", "sysctl -w net.ipv4.ip_forward=1"]],
    "no bridge yet",
  );
  t.same(troubles({ ...well, addresses: [...well.addresses, address(3, "fd66::1/64")] }), [
    ["ipv6-forward", "fail", "sysctl -w net.ipv6.conf.all.forwarding=1"],
  ]);
  const advertised = { ...well, routes: [...well.routes, route("::/0", 2, { gateway: "fe80::1", protocol: 9 })] };
  const forwards = (accept: string) =>
    troubles({
      ...advertised,
      sysctls: new Map([...well.sysctls, ["net.ipv6.conf.eth0.forwarding", "1"], ["net.ipv6.conf.eth0.accept_ra", accept]]),
    });
  t.same(forwards("1"), [["router-advertisements", "fail", "sysctl -w net.ipv6.conf.eth0.accept_ra=2"]]);
  t.same([forwards("2"), troubles(advertised)], [[], []]);
  t.same(troubles(withSettings({ "net.bridge.bridge-nf-call-iptables": undefined }))[0], [
    "br-netfilter",
    "warn",
    "modprobe br_netfilter && sysctl -w net.bridge.bridge-nf-call-iptables=1",
  ]);
  t.same(troubles(withSettings({ "net.bridge.bridge-nf-call-ip6tables": "0" }))[0], [
    "br-netfilter-ipv6",
    "warn",
    "sysctl -w net.bridge.bridge-nf-call-ip6tables=1",
  ]);
  const fill = (count: string) => troubles(withSettings({ "net.netfilter.nf_conntrack_count": count }));
  t.same(
    [fill("749"), fill("750"), fill("900")],
    [
      [],
      [["conntrack", "warn", "sysctl -w net.netfilter.nf_conntrack_max=2000"]],
      [["conntrack", "fail", "sysctl -w net.netfilter.nf_conntrack_max=2000"]],
    ],
  );
  t.same(troubles(withSettings({ "net.netfilter.nf_conntrack_count": undefined })), [], "nothing tracks connections");
  const second = {
    ...well,
    links: [...links, link(9, "eth1")],
    routes: [...well.routes, route("0.0.0.0/0", 9, { gateway: "198.51.100.1", metric: 9 })],
  };
  t.same(
    troubles(second).map(([name, status]) => [name, status]),
    [
      ["rp-filter", "warn"],
      ["rp-filter", "warn"],
    ],
  );
  t.same(troubles({ ...well, nameservers: ["127.0.0.53"] }), [["resolver", "warn", "tsns run --dns ADDRESS ..."]]);
  t.same(troubles({ ...well, nameservers: ["127.0.0.53", "192.0.2.53"] }), []);
});

t.test("published ports among those of outgoing connections", async (t) => {
  const published = [
    { protocol: "tcp", first: 40_000, last: 40_010 },
    { protocol: "udp", first: 53, last: 53 },
  ];
  t.same(troubles({ ...well, published }), [["local-ports", "warn", "sysctl -w net.ipv4.ip_local_reserved_ports=40000-40010"]]);
  const reserved = (ports: string) => troubles({ ...withSettings({ "net.ipv4.ip_local_reserved_ports": ports }), published });
  t.same(reserved("39000-41000"), []);
  t.same(reserved("5"), [["local-ports", "warn", "sysctl -w net.ipv4.ip_local_reserved_ports=5,40000-40010"]]);
  const twice = [...published, { protocol: "udp", first: 40_000, last: 40_010 }];
  const { found } = checkNetworking({ ...well, published: twice }).find(({ name }) => name === "local-ports") ?? {};
  t.match(found, /published ports in it: 40000-40010$/, "once, whatever the protocols");
});

t.test("rules", async (t) => {
  t.same(troubles({ ...well, rules: [rules("ipv4"), rules("ipv4", { backend: "legacy", rules: 2 })] }), [
    ["iptables-backends", "fail", "update-alternatives --config iptables"],
  ]);
  t.same(troubles({ ...well, rules: [rules("ipv4", { forwardPolicy: "DROP" })] }), [["forward-policy", "warn", ""]]);
  t.same(troubles({ ...well, rules: [rules("ipv4", { forwardPolicy: "DROP", chains: ["FORWARD"] })] }), [
    ["forward-policy", "fail", "iptables-nft -P FORWARD ACCEPT"],
  ]);
  t.same(troubles({ ...well, rules: undefined, rulesFault: "no privilege" }), [["iptables", "warn", "sudo tsns net check"]]);
  t.same(troubles({ ...well, firewalls: [{ name: "ufw", active: true, evidence: "x" }] }), [["ufw", "warn", "tsns net exposed"]]);
});

t.test("subnets against routes and each other", async (t) => {
  const overlap = (change: Partial<CheckFacts>) => troubles({ ...well, ...change }).filter(([name]) => name === "subnet-overlap");
  t.same(overlap({ routes: [...well.routes, route("10.66.4.0/24", 2, { gateway: "192.0.2.9" })] }), [
    ["subnet-overlap", "fail", "tsns net route del 10.66.4.0/24 via 192.0.2.9 dev eth0"],
  ]);
  t.same(overlap({ routes: [...well.routes, route("10.0.0.0/8", 2)] }), [["subnet-overlap", "warn", ""]]);
  t.same(overlap({ routes: [...well.routes, route("10.80.0.0/16", 2)] }), []);
  t.same(
    overlap({ routes: [...well.routes, route("10.66.0.0/16", 2, { table: 51_820 })] }).map(([, status]) => status),
    ["warn"],
    "of any table",
  );
  t.same(
    overlap({ routes: [...well.routes, route("10.66.4.0/24", 2, { table: 100 })] }).map(([, , fix]) => fix),
    ["tsns net route del 10.66.4.0/24 dev eth0 table 100"],
  );
  const second = link(9, "br9", { kind: "bridge" });
  t.same(
    overlap({
      links: [...links, second],
      addresses: [...well.addresses, address(9, "10.66.1.1/24")],
      routes: [...well.routes, route("10.66.1.0/24", 9)],
    }),
    [["subnet-overlap", "fail", ""]],
    "told once",
  );
  t.same(overlap({ networks: [{ name: "lab", bridge: "tsns-gone", subnet: "10.66.8.0/24" }] }), [
    ["subnet-overlap", "fail", "tsns network rm lab"],
  ]);
});

t.test("links", async (t) => {
  const small = links.map((each) => (each.name === "eth0" ? { ...each, mtu: 1400 } : each));
  t.same(troubles({ ...well, links: small }), [
    ["mtu", "fail", "tsns net link set eth0 mtu 1400 --in web"],
    ["mtu", "warn", "tsns net link set tsns0 mtu 1400"],
  ]);
  const idle = small.filter(({ name }) => name !== "v0");
  t.same(troubles({ ...well, links: idle, peers: [] }), [], "a bridge without ports takes the MTU of its first one");
  const changed = (name: string, change: object) => ({
    ...well,
    links: links.map((each) => (each.name === name ? { ...each, ...change } : each)),
  });
  t.same(troubles(changed("tsns0", { up: false, carrier: false })), [["bridge-carrier", "fail", "tsns net link up tsns0"]]);
  const cut = changed("tsns0", { carrier: false });
  t.same(troubles({ ...cut, links: cut.links.map((each) => (each.name === "v0" ? { ...each, up: false } : each)) }), [
    ["bridge-carrier", "warn", "tsns net link up v0"],
  ]);
  const twin = { ...peer, owner: "sleep (pid 77)" };
  t.same(
    troubles({ ...well, peers: [peer, twin] }).map(([name, status, fix]) => [name, status, fix?.replace(/02:.*cut -c2-\)/, "MAC")]),
    [
      ["duplicate-address", "fail", "tsns net addr del 10.66.0.2 dev eth0 --in 77"],
      ["duplicate-mac", "fail", "tsns net link set eth0 address MAC --in 77"],
    ],
  );
  t.match(renderChecks(checkNetworking({ ...well, peers: [peer, twin] })), /^fail +duplicate-mac .*\n +why: .*\n +fix: tsns /m);
});

t.test("facts out of rule sets", async (t) => {
  const text =
    "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 8080:8090 -j DNAT --to-destination 10.66.0.2:80\n-A PREROUTING -p udp -j DNAT --to-destination 10.66.0.2\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n:X - [0:0]\nCOMMIT\n";
  const sets = [{ family: "ipv4" as const, backend: "nft" as const, text, set: parseRuleSet(text), hidden: [] }];
  t.same(publishedPortsOf(sets), [{ protocol: "tcp", first: 8080, last: 8090 }]);
  t.same(ruleFactsOf(sets), [{ family: "ipv4", backend: "nft", rules: 2, forwardPolicy: "DROP", chains: ["FORWARD", "X"] }]);
});
