// What a running container's change of networks takes: messages in their order, each to its namespace, as a shell would do it.
import t from "tap";
import type { EndpointInput } from "../../src/network/endpoint-plan.ts";
import { planJoin, planRoutes, portAdditions, portRemovals } from "../../src/network/live-plan.ts";
import { namesOfBridge } from "../../src/network/name.ts";
import { parsePort } from "../../src/network/port.ts";
import { shellOfStep } from "../../src/plan/shell.ts";

const input = (name: string, link: string, pools: number, extra: Partial<EndpointInput["network"]> = {}): EndpointInput => {
  const gateways = [`10.${pools}.0.1`, `fd0${pools}::1`];
  return {
    network: { name, bridge: `tsns-${name}`, pools: [{ subnet: `10.${pools}.0.0/24`, gateway: gateways[0] ?? "" }], ...extra },
    endpoint: {
      network: name,
      link,
      ipv4: { address: `10.${pools}.0.2`, prefixLength: 24, gateway: gateways[0] ?? "" },
      ...(pools === 2 ? { ipv6: { address: "fd02::2", prefixLength: 64, gateway: gateways[1] ?? "" } } : {}),
      mac: "02:74:0a:00:00:02",
      hostLink: `veth0000000000${pools}`,
      ports: [],
    },
    names: namesOfBridge(`tsns-${name}`),
    bridgeIndex: 10 + pools,
    hostEnd: { spoofing: true },
  };
};
const [old, fresh] = [input("old", "eth0", 1), input("fresh", "eth1", 2)];
const namespace = "/proc/7/ns/net";

t.test("joining makes the pair, then the link, then the routes of both families", async (t) => {
  const steps = planJoin(fresh, { namespace, places: [old, fresh], hasIpv6: true });
  t.same(
    steps.map(({ step, undo }) => [step.kind, undo]),
    [["netlink.send", { kind: "link.remove", name: "veth00000000002" }]],
    "one call, undone by the host's end",
  );
  const enter = `nsenter --net=${namespace} `;
  t.same(
    steps.flatMap(({ step }) => shellOfStep(step).split("\n")).filter((line) => !/^tc |^ip link add/.test(line)),
    [
      "ip link set dev veth00000000002 master tsns-fresh up",
      `${enter}ip address add 10.2.0.2/24 broadcast 10.2.0.255 dev eth1`,
      `${enter}ip address add fd02::2/64 dev eth1 nodad`,
      `${enter}ip link set dev eth1 up`,
      `${enter}ip route replace default via 10.2.0.1 dev eth1`,
      `${enter}ip -6 route replace default via fd02::1 dev eth1`,
    ],
  );
});

t.test("a link without IPv6 is told to be silent there, where the kernel has it", async (t) => {
  const told = (hasIpv6: boolean) =>
    planJoin(old, { namespace, places: [old], hasIpv6 })
      .map(({ step }) => shellOfStep(step))
      .join("\n")
      .includes("addrgenmode none");
  t.same([told(true), told(false)], [true, false]);
  const small = planJoin(input("old", "eth0", 1, { mtu: 600 }), { namespace, places: [], hasIpv6: true });
  t.notMatch(small.map(({ step }) => shellOfStep(step)).join("\n"), "addrgenmode", "nor where the link is too small for it");
});

t.test("leaving leaves the routes of what stays; nothing without a way out", async (t) => {
  t.match(
    planRoutes({ namespace, places: [old] }).map(({ step }) => shellOfStep(step)),
    [/ip route replace default via 10\.1\.0\.1 dev eth0$/],
  );
  t.same(planRoutes({ namespace, places: [input("old", "eth0", 1, { internal: true })] }), []);
  t.same(planRoutes({ namespace, places: [] }), []);
});

t.test("published ports leave one place and come to another", async (t) => {
  const ports = parsePort("0.0.0.0:8080:80");
  const at = (place: EndpointInput) => ({ endpoint: { ...place.endpoint, ports }, network: place.network, names: place.names, ports });
  const away = portRemovals(at(old), "abc")
    .map(({ step }) => shellOfStep(step))
    .join("\n");
  t.match(away, /-D TSNS-DNAT-tsns-old .*--dport 8080/);
  const here = portAdditions(at(fresh), "abc");
  t.same(
    here.map(({ step }) => step.kind),
    ["port.set", "rule.apply"],
  );
  t.match(here.map(({ step }) => shellOfStep(step)).join("\n"), /-A TSNS-DNAT-tsns-fresh .*10\.2\.0\.2:80/);
  t.same([...portRemovals(undefined, "abc"), ...portAdditions({ ...at(old), ports: [] }, "abc")], []);
});
