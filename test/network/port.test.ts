// Published ports as docker writes them.
import t from "tap";
import { assignPorts, bindPort, parsePort, portsConflict, renderPort } from "../../src/network/port.ts";
import type { PortSpec } from "../../src/network/spec.ts";

const port = (hostIp: string, hostPort: number, containerPort: number, protocol: PortSpec["protocol"] = "tcp"): PortSpec => ({
  hostIp,
  hostPort,
  containerPort,
  protocol,
});

t.test("single ports", async (t) => {
  t.same(parsePort("80"), [port("", 0, 80)]);
  t.same(parsePort("8080:80"), [port("", 8080, 80)]);
  t.same(parsePort("0:80"), [port("", 0, 80)]);
  t.same(parsePort("127.0.0.1:8080:80/udp"), [port("127.0.0.1", 8080, 80, "udp")]);
  t.same(parsePort("127.0.0.1::80"), [port("127.0.0.1", 0, 80)]);
  t.same(parsePort("[::1]:8080:80/TCP"), [port("::1", 8080, 80)]);
  t.same(parsePort("[::1]::80/sctp"), [port("::1", 0, 80, "sctp")]);
  t.same(parsePort("8080:80/"), [port("", 8080, 80)], "no protocol is tcp");
  t.same(parsePort("::1:8080:80"), [port("::1", 8080, 80)], "brackets may be left out");
  t.same(parsePort("fd00::9::80"), [port("fd00::9", 0, 80)]);
});

t.test("an address has one spelling", async (t) => {
  t.same(parsePort("[0::0]:8080:80"), [port("::", 8080, 80)]);
  t.same(parsePort("[2001:DB8:0::0010]:8080:80"), [port("2001:db8::10", 8080, 80)]);
  t.same(parsePort("[::ffff:10.0.0.1]:8080:80"), [port("10.0.0.1", 8080, 80)]);
});

t.test("ranges", async (t) => {
  t.same(
    parsePort("80-82"),
    [80, 81, 82].map((each) => port("", 0, each)),
  );
  t.same(
    parsePort("8080-8082:80-82/udp"),
    [0, 1, 2].map((at) => port("", 8080 + at, 80 + at, "udp")),
  );
  t.same(parsePort("8080-8090:80"), [{ ...port("", 8080, 80), hostPortEnd: 8090 }]);
  t.same(parsePort("0:80-81"), [port("", 0, 80), port("", 0, 81)]);
});

t.test("what is wrong is named", async (t) => {
  const wrong = [
    "",
    "x",
    "80:",
    "0",
    "80/icmp",
    "70000",
    "80:70000",
    "90-80",
    "80-82:80-81",
    "1:2:3:4",
    "1.2.3:80:80",
    "[::1:80:80",
    "-1",
    "[]:1:2",
    "[::1]80:80",
    "[::1]:[::2]:1:2",
    "fe80::1%eth0:1:2",
    "[::1%lo]:1:2",
  ];
  for (const text of wrong) {
    t.throws(() => parsePort(text), { kind: "invalid", code: "bad-port", message: `cannot publish "${text}"` }, `"${text}"`);
  }
});

t.test("rendering", async (t) => {
  t.equal(renderPort(port("0.0.0.0", 8080, 80)), "80/tcp -> 0.0.0.0:8080");
  t.equal(renderPort(port("::1", 53, 53, "udp")), "53/udp -> [::1]:53");
});

t.test("what a port without an address is published on", async (t) => {
  const ips = (...side: Parameters<typeof bindPort>[1][]) =>
    side.map((each) => bindPort(port("", 8080, 80), each).map(({ hostIp }) => hostIp));
  t.same(ips({ ipv4: true, ipv6: true }, { ipv4: true, ipv6: false }, { ipv4: false, ipv6: true }), [
    ["0.0.0.0", "::"],
    ["0.0.0.0"],
    ["::"],
  ]);
  t.same(ips({ ipv4: true, ipv6: true, hostBinding: "127.0.0.1" }), [["127.0.0.1"]], "the network's choice alone");
  t.same(bindPort(port("::1", 1, 2), { ipv4: true, ipv6: true }), [port("::1", 1, 2)]);
});

t.test("conflicts", async (t) => {
  t.ok(portsConflict(port("0.0.0.0", 80, 1), port("127.0.0.1", 80, 2)));
  t.ok(portsConflict(port("127.0.0.1", 80, 1), port("127.0.0.1", 80, 1)));
  t.ok(portsConflict(port("", 80, 1), port("::1", 80, 1)), "all addresses are those of both families");
  t.notOk(portsConflict(port("0.0.0.0", 80, 1), port("::", 80, 1)), "the families are apart");
  t.notOk(portsConflict(port("127.0.0.2", 80, 1), port("127.0.0.1", 80, 1)));
  t.notOk(portsConflict(port("0.0.0.0", 80, 1), port("0.0.0.0", 80, 1, "udp")));
  t.notOk(portsConflict(port("0.0.0.0", 0, 1), port("0.0.0.0", 0, 1)), "not chosen yet");
});

t.test("choosing", async (t) => {
  const free = () => false;
  t.same(assignPorts([port("0.0.0.0", 8080, 80)], free), [port("0.0.0.0", 8080, 80)]);
  t.same(
    assignPorts([port("0.0.0.0", 0, 80), port("0.0.0.0", 32768, 81)], free).map((each) => each.hostPort),
    [32769, 32768],
    "fixed ports go first",
  );
  t.same(
    assignPorts(parsePort("9000-9002:80"), (candidate) => candidate.hostPort < 9002),
    [port("", 9002, 80)],
  );
  t.equal(assignPorts([port("0.0.0.0", 0, 80)], free, 60999)[0]?.hostPort, 60999);
  t.equal(assignPorts([port("0.0.0.0", 0, 80)], (each) => each.hostPort === 60999, 60999)[0]?.hostPort, 32768, "around");
  t.throws(() => assignPorts([port("0.0.0.0", 80, 80)], () => true), { kind: "conflict", code: "port-taken" });
  t.throws(() => assignPorts([port("0.0.0.0", 80, 80), port("127.0.0.1", 80, 81)], free), { code: "port-taken" }, "asked for twice");
  t.throws(() => assignPorts(parsePort("9000-9002:80"), () => true), { kind: "unavailable", code: "no-free-port" });
});
