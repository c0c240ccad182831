// What `network create` is asked for: every fault is told, nothing right is.
import t from "tap";
import { parseBoolean } from "../../src/network/driver-option.ts";
import { type NetworkRequest, validateNetworkRequest } from "../../src/network/request.ts";

const request = (given: Partial<NetworkRequest>): NetworkRequest => ({ name: "net", internal: false, labels: {}, options: {}, ...given });
const codes = (given: Partial<NetworkRequest>) => validateNetworkRequest(request(given)).map(({ code }) => code);

t.test("right ones", async (t) => {
  t.same(codes({}), []);
  t.same(codes({ subnet: "10.1.0.0/24", gateway: "10.1.0.254", ipRange: "10.1.0.64/26" }), []);
  t.same(codes({ options: { "com.docker.network.driver.mtu": "9000", "com.docker.network.bridge.enable_ip_masquerade": "false" } }), []);
});

t.test("wrong ones", async (t) => {
  t.same(codes({ name: "a" }), ["bad-network-name"]);
  t.same(codes({ name: "none" }), ["predefined-network"]);
  t.same(codes({ subnet: "10.1.0.0" }), ["bad-subnet"]);
  t.same(codes({ gateway: "10.1.0.1" }), ["bad-gateway"], "without a subnet");
  t.same(codes({ subnet: "10.1.0.0/24", gateway: "10.1.0.255" }), ["bad-gateway"]);
  t.same(codes({ subnet: "10.1.0.0/24", gateway: "x" }), ["bad-gateway"]);
  t.same(codes({ subnet: "10.1.0.0/24", ipRange: "10.2.0.0/25" }), ["bad-ip-range"]);
  t.same(codes({ options: { other: "" } }), ["unknown-option"]);
  t.same(codes({ options: { "com.docker.network.bridge.name": "a b" } }), ["bad-link-name"]);
  t.same(codes({ options: { "com.docker.network.bridge.enable_ip_masquerade": "maybe" } }), ["bad-option-value"]);
  t.same(codes({ name: "b!", subnet: "x", options: { other: "" } }), ["bad-network-name", "bad-subnet", "unknown-option"], "all at once");
});

t.test("booleans as docker reads them", async (t) => {
  for (const text of ["1", "t", "TRUE", "True"]) t.equal(parseBoolean(text), true, text);
  for (const text of ["0", "F", "false"]) t.equal(parseBoolean(text), false, text);
  for (const text of ["", "yes", "tRUE"]) t.equal(parseBoolean(text), undefined, text);
});
