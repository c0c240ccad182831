// Which of several networks has the way out, and the published ports.
import t from "tap";
import { defaultRoutes, type GatewayPlace, publishingPlace } from "../../src/network/gateway.ts";

const ipv4 = (gateway?: string) => ({ address: "10.0.0.2", prefixLength: 24, ...(gateway ? { gateway } : {}) });
const ipv6 = (gateway?: string) => ({ address: "fd00::2", prefixLength: 64, ...(gateway ? { gateway } : {}) });
const place = (network: string, link: string, more: Partial<GatewayPlace["endpoint"]>, rest: Partial<GatewayPlace> = {}): GatewayPlace => ({
  endpoint: { network, link, ...more },
  ...rest,
});

t.test("the highest priority, then the first by name; for each family", async (t) => {
  const a = place("a", "eth1", { ipv4: ipv4("10.1.0.1") });
  const b = place("b", "eth0", { ipv4: ipv4("10.2.0.1"), ipv6: ipv6("fd02::1") });
  t.same(defaultRoutes([b, a]), [
    { family: "ipv4", link: "eth1", gateway: "10.1.0.1" },
    { family: "ipv6", link: "eth0", gateway: "fd02::1" },
  ]);
  t.same(defaultRoutes([a, { ...b, gatewayPriority: 1 }])[0], { family: "ipv4", link: "eth0", gateway: "10.2.0.1" });
  t.same(defaultRoutes([{ ...a, gatewayPriority: -1 }, b])[0], { family: "ipv4", link: "eth0", gateway: "10.2.0.1" });
  t.same(defaultRoutes([]), []);
});

t.test("an internal network, or one without a gateway, is no way out", async (t) => {
  const shut = place("a", "eth0", { ipv4: ipv4("10.1.0.1") }, { internal: true });
  t.same(defaultRoutes([shut]), []);
  t.equal(publishingPlace([shut]), undefined);
  const bare = place("b", "eth1", { ipv4: ipv4() });
  t.same(defaultRoutes([bare]), []);
  t.equal(publishingPlace([shut, bare]), bare, "ports need no default route");
});

t.test("ports are on a bridge, where IPv4 is if it is anywhere", async (t) => {
  const parent = place("a", "eth0", { ipv4: ipv4("10.1.0.1") }, { driver: "macvlan" });
  const six = place("b", "eth1", { ipv6: ipv6("fd02::1") });
  const both = place("c", "eth2", { ipv4: ipv4("10.3.0.1"), ipv6: ipv6("fd03::1") });
  t.equal(publishingPlace([parent]), undefined);
  t.equal(publishingPlace([parent, six]), six);
  t.equal(publishingPlace([parent, six, both]), both);
});
