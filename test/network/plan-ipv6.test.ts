// What a network of both families takes on the host: its settings, addresses, and a host that keeps its own IPv6.
import t from "tap";
import { namesOfBridge } from "../../src/network/name.ts";
import { type NetworkHost, planNetwork } from "../../src/network/plan.ts";
import type { NetworkSpec } from "../../src/network/spec.ts";

const spec: NetworkSpec = {
  name: "both",
  bridge: "h-both",
  pools: [
    { subnet: "10.85.0.0/24", gateway: "10.85.0.1" },
    { subnet: "10.86.0.0/24", gateway: "10.86.0.9" },
    { subnet: "fd00:85::/64", gateway: "fd00:85::1" },
  ],
};

/** Settings and addresses in order, and where the bridge is made and comes up. */
const words = (given: Partial<NetworkSpec>, host: NetworkHost) =>
  planNetwork({ ...spec, ...given }, namesOfBridge("h-both"), host).steps.flatMap(({ step }) => {
    if (step.kind === "sysctl.write") return [`${step.key}=${step.value}`];
    if (step.kind === "address.add") return [`${step.address}${step.withoutDetection ? " at once" : ""}`];
    return step.kind === "rule.apply" ? [step.transaction.family] : [step.kind];
  });

const own = [
  "bridge.add",
  "ipv4",
  "ipv6",
  "net.ipv4.conf.h-both.route_localnet=1",
  "net.ipv6.conf.h-both.disable_ipv6=0",
  "net.ipv6.conf.h-both.accept_ra=0",
  "net.ipv6.conf.h-both.accept_dad=0",
  "10.85.0.1/24",
  "10.86.0.9/24",
  "fd00:85::1/64 at once",
  "link.up",
];

t.test("both families", async (t) => {
  t.same(words({}, { ipForward: true, ipv6Forward: true }), own);
  t.same(
    words({}, { ipForward: false, ipv6Forward: false, advertised: ["eth0", "wlan0"] }),
    [
      "net.ipv4.ip_forward=1",
      "net.ipv6.conf.eth0.accept_ra=2",
      "net.ipv6.conf.wlan0.accept_ra=2",
      "net.ipv6.conf.all.forwarding=1",
      ...own,
    ],
    "links go on listening to their router before the host forwards",
  );
});

t.test("one family alone", async (t) => {
  const host = { ipForward: false, ipv6Forward: false };
  const six = words({ pools: [{ subnet: "fd00:85::/64", gateway: "fd00:85::1" }] }, host);
  t.notOk(six.some((word) => word.includes("ipv4")));
  t.ok(six.includes("net.ipv6.conf.all.forwarding=1"));
  const four = words({ pools: [{ subnet: "10.85.0.0/24", gateway: "10.85.0.1" }] }, host);
  t.notOk(four.some((word) => word.includes("ipv6")));
});

t.test("who has the gateway's address", async (t) => {
  const host = { ipForward: true, ipv6Forward: true };
  const addresses = (given: Partial<NetworkSpec>) => words(given, host).filter((word) => /^[0-9a-f:.]+\//.test(word));
  t.same(addresses({ hostHasGateway: false }), ["fd00:85::1/64 at once"], "inhibit_ipv4");
  t.same(addresses({ gatewayMode: { ipv4: "isolated" } }), ["fd00:85::1/64 at once"]);
  t.same(addresses({ gatewayMode: { ipv4: "isolated", ipv6: "isolated" } }), []);
  t.same(addresses({ gatewayMode: { ipv6: "routed" } }).length, 3);
  t.same(words({ configOnly: true, pools: [] }, host), [], "settings for others are nothing on the host");
});
