// What `network create` is asked for: every fault is told, nothing right is.
import t from "tap";
import { driverOf } from "../../src/network/driver.ts";
import { parseBoolean } from "../../src/network/driver-option.ts";
import { assemblePools } from "../../src/network/pool-request.ts";
import { familiesOf, type NetworkRequest, plainRequest, validateNetworkRequest } from "../../src/network/request.ts";

const request = (given: Partial<NetworkRequest>): NetworkRequest => ({ ...plainRequest("net"), ...given });
const codes = (given: Partial<NetworkRequest>) => validateNetworkRequest(request(given)).map(({ code }) => code);
const bridge = (name: string) => `com.docker.network.bridge.${name}`;

t.test("right ones", async (t) => {
  t.same(codes({}), []);
  t.same(codes({ name: "a" }), [], "one character");
  t.same(codes({ subnets: ["10.1.0.0/24"], gateways: ["10.1.0.254"], ipRanges: ["10.1.0.64/26"], reserved: { dns: "10.1.0.5" } }), []);
  t.same(codes({ subnets: ["10.1.0.0/24", "fd00:1::/64", "10.2.0.0/24"], gateways: ["fd00:1::99", "10.2.0.7"] }), []);
  t.same(codes({ options: { "com.docker.network.driver.mtu": "9000", [bridge("enable_ip_masquerade")]: "false" } }), []);
  t.same(codes({ ipv4: false, ipv6: true }), []);
  t.same(codes({ configOnly: true, subnets: ["10.1.0.0/24"], options: { parent: "eth0" } }), [], "judged by the driver later");
  t.same(codes({ configFrom: "conf", internal: true, attachable: true, labels: { a: "b" } }), []);
});

t.test("wrong ones", async (t) => {
  t.same(codes({ name: "" }), ["bad-network-name"]);
  t.same(codes({ name: "none" }), ["predefined-network"]);
  t.same(codes({ subnets: ["10.1.0.0"] }), ["bad-subnet"]);
  for (const subnet of [
    "10.1.0.1/24",
    "10.1.0.0/31",
    "10.0.0.0/7",
    "127.0.0.0/16",
    "224.1.0.0/16",
    "fe80::/64",
    "ff05::/64",
    "fd00::/127",
  ]) {
    t.same(codes({ subnets: [subnet] }), ["bad-subnet"], subnet);
  }
  const mtu = (value: string) => ({ "com.docker.network.driver.mtu": value });
  t.same(codes({ ipv6: true, options: mtu("1279") }), ["mtu-below-ipv6"]);
  t.same(codes({ subnets: ["fd00:1::/64"], options: mtu("68"), driver: "macvlan" }), ["mtu-below-ipv6"]);
  t.same(codes({ ipv6: true, options: mtu("1280") }), []);
  t.same(codes({ options: mtu("68") }), [], "enough for IPv4");
  t.same(codes({ subnets: ["10.1.0.0/24", "10.1.0.128/25"] }), ["overlapping-subnets"]);
  t.same(codes({ gateways: ["10.1.0.1"] }), ["no-subnet"]);
  t.same(codes({ subnets: ["10.1.0.0/24"], gateways: ["10.1.0.255"] }), ["bad-gateway"]);
  t.same(codes({ subnets: ["10.1.0.0/24"], gateways: ["x"] }), ["bad-gateway"]);
  t.same(codes({ subnets: ["10.1.0.0/24", "fd00::/64"], gateways: ["10.1.0.1", "10.1.0.2"] }), ["bad-gateway"], "two for one");
  t.same(codes({ subnets: ["fd00::/64"], gateways: ["fd00::"], ipv4: false }), ["bad-gateway"], "the anycast address");
  t.same(codes({ subnets: ["10.1.0.0/24"], ipRanges: ["10.2.0.0/25"] }), ["bad-ip-range"]);
  t.same(codes({ subnets: ["10.1.0.0/24"], ipRanges: ["x"] }), ["bad-ip-range"]);
  t.same(codes({ subnets: ["10.1.0.0/24"], reserved: { a: "10.2.0.1" } }), ["bad-aux-address"]);
  t.same(codes({ subnets: ["10.1.0.0/24"], gateways: ["10.1.0.9"], reserved: { a: "10.1.0.9" } }), ["bad-aux-address"]);
  t.same(codes({ subnets: ["10.1.0.0/24"], reserved: { a: "10.1.0.9", b: "10.1.0.9" } }), ["bad-aux-address"]);
  t.same(
    codes({ name: "b!", subnets: ["x"], options: { other: "" } }),
    ["bad-network-name", "unknown-option", "bad-subnet"],
    "all at once",
  );
});

t.test("driver, scope and address management", async (t) => {
  t.same(codes({ driver: "host" }), ["one-of-its-kind"]);
  t.same(codes({ driver: "null" }), ["one-of-its-kind"]);
  t.same(codes({ driver: "overlay" }), ["swarm"]);
  t.same(codes({ driver: "weave" }), ["unknown-driver"]);
  t.same(codes({ driver: "toString" }), ["unknown-driver"]);
  t.same(codes({ ingress: true }), ["swarm"]);
  t.same(codes({ scope: "local" }), []);
  t.same(codes({ scope: "swarm" }), ["swarm"]);
  t.same(codes({ scope: "planet" }), ["bad-scope"]);
  t.same(codes({ ipamDriver: "null" }), ["null-ipam"]);
  t.same(codes({ ipamDriver: "dhcp" }), ["unknown-ipam"]);
  t.same(codes({ ipamOptions: { a: "b" } }), ["ipam-option"]);
  t.same(codes({ ipv4: false }), ["no-family"]);
  t.same(codes({ ipv4: false, ipv6: true, subnets: ["10.1.0.0/24"] }), ["no-ipv4"]);
  t.same(codes({ configOnly: true, configFrom: "conf" }), ["config-chain"]);
  t.same(codes({ configOnly: true, internal: true }), ["config-operator-field"]);
  t.same(codes({ configFrom: "conf", subnets: ["10.1.0.0/24"] }), ["config-and-own"]);
  t.same(codes({ configFrom: "conf", ipv6: true }), ["config-and-own"]);
});

t.test("options of bridges", async (t) => {
  const wrong: Readonly<Record<string, string>> = {
    [bridge("name")]: "a b",
    "com.docker.network.driver.mtu": "67",
    [bridge("enable_ip_masquerade")]: "maybe",
    [bridge("enable_icc")]: "",
    [bridge("host_binding_ipv4")]: "::1",
    [bridge("inhibit_ipv4")]: "2",
    [bridge("gateway_mode_ipv4")]: "bridged",
    [bridge("gateway_mode_ipv6")]: "",
    "com.docker.network.container_iface_prefix": "much-too-long-",
    "com.docker.network.host_ipv4": "banana",
    "com.docker.network.host_ipv6": "10.0.0.1",
    "com.docker.network.enable_ipv6": "yes",
  };
  for (const [key, value] of Object.entries(wrong)) t.equal(codes({ options: { [key]: value } }).length, 1, key);
  t.same(codes({ options: { other: "" } }), ["unknown-option"]);
  t.same(codes({ options: { [bridge("default_bridge")]: "true" } }), ["unknown-option"]);
  t.same(codes({ options: { [bridge("gateway_mode_ipv4")]: "isolated" } }), ["isolated-not-internal"]);
  t.same(codes({ internal: true, options: { [bridge("gateway_mode_ipv4")]: "isolated" } }), []);
  const settings = driverOf("bridge")?.settings(
    request({
      options: {
        [bridge("enable_icc")]: "0",
        [bridge("enable_ip_masquerade")]: "true",
        [bridge("gateway_mode_ipv6")]: "routed",
        [bridge("gateway_mode_ipv4")]: "nat",
        [bridge("host_binding_ipv4")]: "127.0.0.1",
        [bridge("inhibit_ipv4")]: "true",
        "com.docker.network.container_iface_prefix": "lan",
        "com.docker.network.driver.mtu": "1400",
        "com.docker.network.host_ipv4": "10.0.0.1",
      },
    }),
  );
  t.strictSame(settings, {
    mtu: 1400,
    icc: false,
    hostHasGateway: false,
    gatewayMode: { ipv6: "routed" },
    sourceAddress: { ipv4: "10.0.0.1" },
    hostBinding: "127.0.0.1",
    linkPrefix: "lan",
  });
});

t.test("pools and families", async (t) => {
  const { pools } = assemblePools({
    subnets: ["10.1.0.0/24", "FD00:0:1::/64"],
    gateways: ["fd00:0:1:0::9"],
    ipRanges: ["10.1.0.128/25"],
    reserved: { dns: "FD00:0:1::53", door: "10.1.0.3" },
  });
  t.strictSame(pools, [
    { subnet: "10.1.0.0/24", ipRange: "10.1.0.128/25", reserved: { door: "10.1.0.3" } },
    { subnet: "fd00:0:1::/64", gateway: "fd00:0:1::9", reserved: { dns: "fd00:0:1::53" } },
  ]);
  t.same(familiesOf(request({})), { ipv4: true, ipv6: false });
  t.same(familiesOf(request({ subnets: ["fd00::/64"] })), { ipv4: true, ipv6: true }, "a subnet says it");
  t.same(familiesOf(request({ options: { "com.docker.network.enable_ipv4": "false", "com.docker.network.enable_ipv6": "true" } })), {
    ipv4: false,
    ipv6: true,
  });
});

t.test("booleans as docker reads them", async (t) => {
  for (const text of ["1", "t", "TRUE", "True"]) t.equal(parseBoolean(text), true, text);
  for (const text of ["0", "F", "false"]) t.equal(parseBoolean(text), false, text);
  for (const text of ["", "yes", "tRUE"]) t.equal(parseBoolean(text), undefined, text);
});
