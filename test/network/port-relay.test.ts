import t from "tap";
import { namesOfBridge } from "../../src/network/name.ts";
import { bindPort, hasFamily } from "../../src/network/port.ts";
import {
  isRelayRelease,
  relayAddressOf,
  relayChange,
  relayedAddress,
  relayedPorts,
  relayOperation,
  relayRelease,
  wantsRelay,
} from "../../src/network/port-relay.ts";
import { portRules } from "../../src/network/rule/port.ts";
import type { PortSpec, Protocol } from "../../src/network/spec.ts";

const ipv4 = { address: "10.66.0.2", prefixLength: 16 };
const ipv6 = { address: "fd00::2", prefixLength: 64 };
const port = (hostIp: string, hostPort: number, containerPort: number, protocol: Protocol = "tcp"): PortSpec => ({
  hostIp,
  hostPort,
  containerPort,
  protocol,
});

t.test("a container's address has one of the relay's, which leads back", async (t) => {
  const address = relayAddressOf({ ipv4 }) ?? "";
  t.equal(address, "fd74:736e:7301::a42:2");
  t.equal(relayedAddress(address), "10.66.0.2");
  t.equal(relayAddressOf({ ipv4, ipv6 }), undefined, "one that has IPv6 needs none");
  t.equal(relayAddressOf({ ipv6 }), undefined);
  for (const other of ["fd74:736e:7300::1", "fd00::a42:2", "10.66.0.2", "x"]) t.equal(relayedAddress(other), undefined, other);
});

t.test("a thousand ports are one rule and one run", async (t) => {
  const ports = Array.from({ length: 1000 }, (_, at) => port("::", 20_000 + at, 10_000 + at));
  const rules = portRules(ports, { endpoint: { ipv4 } }, namesOfBridge("br"), "web", "ipv6");
  t.equal(rules.length, 1);
  t.match(rules[0]?.args.join(" "), /^-p tcp -m tcp --dport 20000:20999 .* --to-destination \[fd74:736e:7301::a42:2\]:61054$/);
  const runs = relayOperation({ ipv4 }, ports)?.slice(6) ?? [];
  t.same(runs, [`06004e2052072710${"00".repeat(16)}`]);
});

t.test("only what is asked for by IPv6, and can be passed on", async (t) => {
  const ports = [port("0.0.0.0", 80, 80), port("::", 80, 80), port("::1", 53, 53, "udp"), port("::", 7, 7, "sctp")];
  t.same(relayedPorts({ ipv4 }, ports), [ports[1], ports[2]]);
  t.same(relayedPorts({ ipv4, ipv6 }, ports), []);
  t.equal(relayChange({ ipv4 }, [], [port("0.0.0.0", 80, 80)]), undefined);
  t.equal(relayChange({ ipv4 }, ports, [])?.length, 6, "no runs: it ends");
  const release = relayRelease({ ipv4 }, ports);
  t.ok(release && isRelayRelease(release));
  t.notOk(isRelayRelease({ kind: "address.remove", link: "lo", address: "fd00::1/128" }));
  t.equal(relayRelease({ ipv4 }, [port("127.0.0.1", 80, 80)]), undefined);
});

t.test("where a port without an address is published", async (t) => {
  const side = { ipv4: true, ipv6: true, relayed: true };
  const addresses = (protocol: Protocol) => bindPort(port("", 80, 80, protocol), side).map(({ hostIp }) => hostIp);
  t.same(addresses("tcp"), ["0.0.0.0", "::"]);
  t.same(addresses("udp"), ["0.0.0.0", "::"]);
  t.same(addresses("sctp"), ["0.0.0.0"]);
  t.notOk(hasFamily(port("::1", 80, 80, "sctp"), side, "ipv6"));
});

t.test("networks of bridges that translate IPv4 alone", async (t) => {
  const pools = [{ subnet: "10.66.0.0/16" }];
  t.ok(wantsRelay({ pools }));
  t.notOk(wantsRelay({ pools: [...pools, { subnet: "fd00::/64" }] }));
  t.notOk(wantsRelay({ pools: [{ subnet: "fd00::/64" }] }));
  t.notOk(wantsRelay({ pools, internal: true }));
  t.notOk(wantsRelay({ pools, driver: "macvlan" }));
  t.notOk(wantsRelay({ pools, gatewayMode: { ipv4: "routed" } }));
});
