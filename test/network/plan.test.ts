// What a network and an endpoint take: order, undo, and nothing more than asked for.
import t from "tap";
import { planEndpoints, planLoopback } from "../../src/network/endpoint-plan.ts";
import type { HostEnd } from "../../src/network/host-end.ts";
import { namesOfBridge } from "../../src/network/name.ts";
import { planNetwork } from "../../src/network/plan.ts";
import { parsePort } from "../../src/network/port.ts";
import type { Endpoint, NetworkSpec } from "../../src/network/spec.ts";
import { undoOf } from "../../src/plan/plan.ts";

const spec: NetworkSpec = { name: "bridge", bridge: "tsns0", pools: [{ subnet: "10.66.0.0/20", gateway: "10.66.0.1" }] };
const names = namesOfBridge("tsns0");
const endpoint: Endpoint = {
  network: "bridge",
  link: "eth0",
  ipv4: { address: "10.66.0.2", prefixLength: 20, gateway: "10.66.0.1" },
  mac: "02:74:0a:42:00:02",
  hostLink: "veth0",
  ports: [],
};
const join = (ports: readonly string[]) =>
  planEndpoints({
    places: [{ network: spec, endpoint: { ...endpoint, ports: ports.flatMap(parsePort) }, names, bridgeIndex: 7, hostEnd: {} }],
    owner: "abc",
    ownUserNamespace: false,
    hasIpv6: true,
  });

t.test("a network", async (t) => {
  const plan = planNetwork(spec, names, { ipForward: false });
  t.same(
    plan.steps.map(({ step }) => step.kind),
    ["sysctl.write", "bridge.add", "rule.apply", "sysctl.write", "address.add", "link.up"],
    "the guard stands before route_localnet, the bridge comes up last",
  );
  t.same(
    undoOf(plan).map((step) => step.kind),
    ["rule.apply", "link.remove"],
    "ip_forward stays",
  );
  t.equal(planNetwork(spec, names, { ipForward: true }).steps.length, 5);
});

t.test("every rule carries its owner, and only own chains are filled", async (t) => {
  const steps = [...planNetwork(spec, names, { ipForward: true }).steps, ...join(["8080:80"]).plan.steps];
  const changes = steps.flatMap(({ step }) => (step.kind === "rule.apply" ? step.transaction.changes : []));
  const rules = changes.flatMap((change) => ("rule" in change ? [change.rule] : []));
  t.not(rules.length, 0);
  for (const rule of rules) {
    const text = rule.args.join(" ");
    t.match(text, /-m comment --comment tsns:(tsns0|abc|host) /);
    t.ok(rule.chain.startsWith("TSNS-") || /-j TSNS-/.test(text), `${rule.chain} ${text}`);
  }
});

t.test("an endpoint without ports takes no rules", async (t) => {
  const { plan, monitor, init } = join([]);
  t.same(plan.steps, []);
  t.same(monitor, [
    ["netlink-socket", "100"],
    ["open", "102", "/proc/self/ns/net"],
  ]);
  t.same(
    init.map(([name, descriptor]) => `${name} ${descriptor}`),
    ["netlink-socket 101", ...["101", "101", "100", "100", "101", "101", "101"].map((descriptor) => `netlink ${descriptor}`)],
  );
});

t.test("what stands at the host's end is there before the link is up, unless all may pass", async (t) => {
  const sent = (hostEnd: HostEnd) =>
    planEndpoints({
      places: [{ network: spec, endpoint, names, bridgeIndex: 7, hostEnd }],
      owner: "abc",
      ownUserNamespace: false,
      hasIpv6: true,
    }).init.flatMap(([name, descriptor, hex = ""]) => (name === "netlink" && descriptor === "100" ? [hex] : []));
  const [filter = "", port = ""] = sent({});
  t.match(filter, Buffer.from("clsact").toString("hex"));
  t.equal(Buffer.from(port, "hex").readUInt16LE(4), 16, "RTM_NEWLINK follows");
  t.equal(sent({ spoofing: true }).length, 1);
});

t.test("ports take one transaction, undone rule by rule", async (t) => {
  const { plan, init } = join(["8080:80", "127.0.0.1:53:53/udp"]);
  t.equal(plan.steps.length, 3);
  const [atEnd, planned, flush] = plan.steps;
  t.equal(atEnd?.undo?.kind, "flow.flush", "conversations are led anew when the rules are gone: it is undone last");
  t.same(flush, { step: atEnd?.undo, because: atEnd?.because }, "and when they are there");
  t.match(atEnd, { step: { kind: "flow.flush", ports: [[53, 53]], addresses: ["10.66.0.2"] }, undo: { kind: "flow.flush" } });
  t.match(planned?.step, {
    kind: "rule.apply",
    transaction: {
      changes: [
        { change: "rule.append", rule: { table: "nat", chain: names.dnatChain } },
        { change: "rule.append", rule: { args: ["-d", "127.0.0.1/32", "-p", "udp", "-m", "udp", "--dport", "53"] } },
      ],
    },
  });
  t.match(planned?.undo, { transaction: { changes: [{ change: "rule.remove" }, { change: "rule.remove" }] } });
  t.equal(init.length, 9, "and hairpin mode");
  t.equal(join(["[::1]:80:80/sctp"]).plan.steps.length, 0, "no rule leads to an address it has not");
});

t.test("what comes by IPv6 to a container without it is led to its monitor, which is told", async (t) => {
  const { plan, monitor, release } = join(["[::1]:8080-8082:80-82", "[::]:53:53/udp", "[::]:7:7/sctp"]);
  const rules = plan.steps.map(({ step }) => step).find(({ kind }) => kind === "rule.apply");
  t.match(rules, {
    kind: "rule.apply",
    transaction: {
      family: "ipv6",
      changes: [
        { rule: { args: ["-d", "::1/128", "-p", "tcp", "-m", "tcp", "--dport", "8080:8082"] } },
        { rule: { args: ["-p", "udp", "-m", "udp", "--dport", "53"] } },
      ],
    },
  });
  const [, ...own] = rules?.kind === "rule.apply" ? rules.transaction.changes : [];
  t.equal(own.length, 1, "sctp is not passed on");
  const operation = monitor.find(([name]) => name === "port-relay") ?? [];
  t.equal(operation.length, 1 + 5 + 2);
  t.equal(operation[3], "0a420002", "the container's address");
  t.same(release, { kind: "address.remove", link: "lo", address: "fd74:736e:7301::a42:2/128", mayBeGone: true });
  t.notOk(join(["8080:80"]).release, "IPv4 needs none");
});

t.test("no network at all is loopback", async (t) => {
  t.equal(planLoopback().init.length, 2);
});
