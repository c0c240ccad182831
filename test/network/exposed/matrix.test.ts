// Who reaches which port, over recorded rules of docker and the usual rules of ufw, without a kernel.
import { readFileSync } from "node:fs";
import t from "tap";
import { doorsOf, renderDoorPort } from "../../../src/network/exposed/door.ts";
import { exposure, namedSide } from "../../../src/network/exposed/matrix.ts";
import { loopback, makeSpace, makeWorld } from "../trace/world.ts";

const docker = readFileSync(`${import.meta.dirname}/../../kernel/iptables/docker-nft.rules`, "utf8");
/** ufw with its default of denying what comes in, beside docker. */
const ufw = docker.replace(":INPUT ACCEPT [1423:180032]", ":INPUT DROP [0:0]\n:ufw-before-input - [0:0]\n:ufw-user-input - [0:0]").replace(
  "[912:1203311] -A FORWARD -j DOCKER-USER\n",
  `[0:0] -A INPUT -j ufw-before-input
[0:0] -A INPUT -j ufw-user-input
[0:0] -A ufw-before-input -i lo -j ACCEPT
[0:0] -A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[0:0] -A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
[912:1203311] -A FORWARD -j DOCKER-USER
`,
);

function look(rules: string, listeners: readonly string[]) {
  const { world, host: bare } = makeWorld({ rules, bridge: "docker0", gateway: "172.17.0.1", container: "172.17.0.2" });
  const host = makeSpace({
    id: "host",
    links: bare.links,
    addresses: { eth0: "192.0.2.10/24", docker0: "172.17.0.1/16" },
    gateway: "192.0.2.1",
    rules,
    sysctls: { "net.ipv4.ip_forward": "1" },
    listeners,
  });
  const spaces = new Map([...world.spaces, [host.id, host]]);
  const rows = exposure(
    { spaces },
    host,
    doorsOf(host),
    (["host", "lan", "internet"] as const).map((name) => namedSide(host, name)),
  );
  return new Map(rows.map((row) => [`${row.door.port}/${row.door.protocol}`, row]));
}

t.test("doors of listeners and of rules", async (t) => {
  const host = makeSpace({
    id: "host",
    links: [loopback],
    addresses: {},
    rules: docker,
    listeners: ["tcp 0.0.0.0:22", "tcp 0.0.0.0:8080", "udp 127.0.0.1:5300", "tcp ::1:25"],
  });
  t.same(
    doorsOf(host).map(({ port, protocol, to, listener, address }) => [
      port,
      protocol,
      to ?? "",
      listener !== undefined,
      address !== undefined,
    ]),
    [
      [22, "tcp", "", true, false],
      [25, "tcp", "", true, true],
      [5300, "udp", "172.17.0.2:53", true, true],
      [8080, "tcp", "172.17.0.2:80", true, false],
    ],
  );
});

t.test("what ufw denies and docker opens", async (t) => {
  const rows = look(ufw, ["tcp 0.0.0.0:22", "tcp 0.0.0.0:3306", "tcp 127.0.0.1:6379"]);
  const verdicts = (key: string) => rows.get(key)?.cells.map(({ verdict, bypassed }) => `${verdict}${bypassed ? "!" : ""}`);
  t.same(verdicts("8080/tcp"), ["reachable", "reachable!", "reachable!"]);
  t.match(rows.get("8080/tcp")?.cells[2]?.bypassed, /^ufw denies it in INPUT, but its address is rewritten before/);
  t.same(verdicts("22/tcp"), ["reachable", "reachable", "reachable"]);
  t.same(verdicts("3306/tcp"), ["reachable", "blocked", "blocked"]);
  t.match(rows.get("3306/tcp")?.cells[1]?.rule, { table: "filter", chain: "INPUT", number: 0 });
  t.same(verdicts("6379/tcp"), ["reachable", "blocked", "blocked"]);
  t.match(rows.get("6379/tcp")?.cells[2]?.reason, /no router of the internet leads to that address/);
});

t.test("without a firewall nothing is passed by", async (t) => {
  const rows = look(docker, ["tcp 0.0.0.0:3306"]);
  t.match(
    [...rows.values()].flatMap(({ cells }) => cells.flatMap(({ bypassed }) => bypassed ?? [])),
    [],
  );
  t.same(
    rows.get("3306/tcp")?.cells.map(({ verdict }) => verdict),
    ["reachable", "reachable", "reachable"],
  );
});

t.test("a range of ports that is led to the same range keeps each port", async (t) => {
  const rules = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 7100:7102 -j DNAT --to-destination 10.89.0.2:7100-7102
-A PREROUTING -p tcp -m tcp --dport 7200 -j DNAT --to-destination 10.89.0.2:80-90
COMMIT
`;
  const host = makeSpace({ id: "host", links: [loopback], addresses: {}, rules });
  t.same(
    doorsOf(host).map(({ to }) => to),
    ["10.89.0.2:7100", "10.89.0.2:7101", "10.89.0.2:7102", "10.89.0.2:80"],
  );
});

t.test("a long range is one door", async (t) => {
  const rules = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 9000:9999 -j DNAT --to-destination 10.89.0.2
-A PREROUTING -p udp -m udp --dport 5000:5099 -j DNAT --to-destination 10.89.0.2:5000-5099
-A PREROUTING -p udp -m udp --dport 7000:7099 -j DNAT --to-destination 10.89.0.2:8000-8099/7000
COMMIT
`;
  const host = makeSpace({ id: "host", links: [loopback], addresses: {}, rules });
  t.match(doorsOf(host), [
    { port: 5000, lastPort: 5099, protocol: "udp", to: "10.89.0.2:5000-5099" },
    { port: 7000, lastPort: 7099, protocol: "udp", to: "10.89.0.2:8000-8099" },
    { port: 9000, lastPort: 9999, protocol: "tcp", to: "10.89.0.2:9000-9999" },
  ]);
  t.same(doorsOf(host).map(renderDoorPort), ["5000-5099", "7000-7099", "9000-9999"]);
});

t.test("neighbours reach an IPv6 socket by the link's own address", async (t) => {
  const host = makeSpace({
    id: "host",
    links: [loopback, { index: 2, name: "eth0", kind: "", up: true }, { index: 3, name: "eth1", kind: "", up: true }],
    addresses: { eth0: "192.0.2.10/24", eth1: "fe80::10/64", lo: "::1/128" },
    gateway: "192.0.2.1",
    listeners: ["tcp :::8080", "tcp ::1:25"],
  });
  const sides = [namedSide(host, "lan")];
  const rows = exposure({ spaces: new Map([[host.id, host]]) }, host, doorsOf(host), sides);
  const cellsOf = (port: number) => rows.find(({ door }) => door.port === port)?.cells;
  t.match(cellsOf(8080), [{ side: "lan", verdict: "reachable", reason: /reached at \[fe80::10\]:8080$/ }]);
  t.match(cellsOf(25), [{ verdict: "blocked" }]);
});

t.test("what is on ::1 is nobody else's, whatever the routes say", async (t) => {
  const host = makeSpace({
    id: "host",
    links: [loopback, { index: 2, name: "eth0", kind: "", up: true }],
    addresses: { eth0: "2001:db8::10/64", lo: "::1/128" },
    gateway: "2001:db8::1",
    listeners: ["tcp ::1:25", "tcp :::26"],
  });
  const sides = (["host", "lan", "internet"] as const).map((name) => namedSide(host, name));
  const rows = exposure({ spaces: new Map([[host.id, host]]) }, host, doorsOf(host), sides);
  const cellsOf = (port: number) => rows.find(({ door }) => door.port === port)?.cells ?? [];
  t.match(cellsOf(25), [
    { verdict: "reachable" },
    { verdict: "blocked", reason: "::1 is host's own loopback: nothing that comes in by eth0 may use it" },
    { verdict: "blocked" },
  ]);
  t.match(cellsOf(26)[1], { verdict: "reachable" });
});
