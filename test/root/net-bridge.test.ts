// `tsns net bridge` beside Debian's brctl on the same bridges: done with one, read with the other, both ways; and what is refused.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import t from "tap";
import { renderBrctl, renderMacs, renderStp } from "../../cmds/net/bridge-table.ts";
import { changeBridge, listBridges, listMacs } from "../../src/engine/network/bridge.ts";
import { showBridges } from "../../src/engine/network/show.ts";
import { watchBridges } from "../../src/engine/network/show-live.ts";
import {
  type BridgePlace,
  planBridgeAdd,
  planBridgeRemove,
  planBridgeSet,
  planPortAdd,
  planPortRemove,
  planPortSet,
} from "../../src/network/bridge-plan.ts";
import { scriptOfPlan } from "../../src/plan/explain.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { needRoot } from "../fixture/root.ts";
import { openTestEngine } from "../fixture/store.ts";
import { sh } from "../network/lab.ts";

const engine = openTestEngine(t);
const change = (plan: (place: BridgePlace) => Plan) => changeBridge(engine, undefined, plan);
const read = (name: string) => listBridges(engine, [name])[0];

/** Timers that run (hello, gc, hold ...) differ from one look to the next. */
const still = (text: string) => text.replaceAll(/((?:gc|hello|hold|delay|age|change|tcn) timer\t+) *\d+\.\d\d/g, "$1 -");

function sameStp(name: string): boolean {
  const bridge = read(name);
  const [ours, theirs] = [bridge ? renderStp(bridge) : "", sh(`brctl showstp ${name}`)];
  return still(ours).trimEnd() === still(theirs).trimEnd();
}

t.before(() => {
  if (needRoot.skip !== false) return;
  // Neighbours that introduce themselves would be learnt between two looks.
  sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
  for (const at of [1, 2, 3]) sh(`ip link add v${at} type veth peer name p${at}`);
});

t.test("what tsns does brctl reads", needRoot, async (t) => {
  await change((place) => planBridgeAdd("b10", place));
  await change((place) => planPortAdd("b10", ["v2", "v1"], place));
  await change((place) => planBridgeSet("b10", "forward_delay", 450, place));
  await change((place) => planBridgeSet("b10", "hello_time", 100, place));
  await change((place) => planBridgeSet("b10", "max_age", 1056, place));
  await change((place) => planBridgeSet("b10", "ageing_time", 12_000, place));
  await change((place) => planBridgeSet("b10", "priority", 0x1000, place));
  await change((place) => planPortSet("b10", "v1", "cost", 77, place));
  await change((place) => planPortSet("b10", "v1", "priority", 63, place));
  await change((place) => planPortSet("b10", "v2", "hairpin", 1, place));
  await change((place) => planPortSet("b10", "v2", "isolated", 1, place));
  const stp = sh("brctl showstp b10");
  t.match(stp, /bridge id\t\t1000\./);
  t.match(stp, /forward delay\t\t +4\.50/);
  t.match(stp, /hello time\t\t +1\.00/);
  t.match(stp, /max age\t\t +10\.56/);
  t.match(stp, /ageing time\t\t 120\.00/);
  t.match(stp, /v1 \(2\)\n port id\t\tfc02[\s\S]*path cost\t\t +77/);
  t.match(stp, /v2 \(1\)[\s\S]* hairpin mode\t\t +1/);
  t.match(sh("bridge -d link show dev v2"), /isolated on/);
  t.ok(sameStp("b10"), "the same table");
  t.notMatch(sh("ip -o link show v1"), /state UP|,UP/, "joining does not bring a port up, as with brctl");
});

t.test("what brctl does tsns reads", needRoot, async (t) => {
  sh("brctl addbr b2; brctl addif b2 v3; brctl setbridgeprio b2 256; brctl setfd b2 7; brctl setageing b2 33.5; brctl sethello b2 3");
  sh("brctl setmaxage b2 11; brctl setpathcost b2 v3 1234; brctl setportprio b2 v3 5; brctl hairpin b2 v3 on");
  t.match(read("b2"), {
    bridge: {
      bridge: {
        priority: 256,
        forwardDelayCentiseconds: 700,
        ageingTimeCentiseconds: 3350,
        helloTimeCentiseconds: 300,
        maxAgeCentiseconds: 1100,
      },
    },
    ports: [{ name: "v3", port: { pathCost: 1234, priority: 5, hairpin: true, isolated: false } }],
  });
  t.ok(sameStp("b2"));
  t.equal(renderBrctl(listBridges(engine, [])), sh("brctl show"), "bridges and ports in brctl's order");
  t.equal(renderBrctl(listBridges(engine, ["b2", "b10"])), sh("brctl show b2 b10"), "and in the order asked for");
});

t.test("the protocol itself, and addresses learnt", needRoot, async (t) => {
  sh("ip link set p1 master b2");
  sh("for l in v1 v2 v3 p1 p2 p3 b2 b10; do ip link set $l up; done");
  await change((place) => planBridgeSet("b10", "stp_state", 1, place));
  sh("brctl stp b2 on");
  t.ok(read("b2")?.bridge.bridge?.stp);
  t.match(sh("brctl show b10"), /\tyes\t/);
  t.throws(
    () =>
      planBridgeSet("b10", "forward_delay", 100, { label: "here", links: [...listBridges(engine, ["b10"])].map(({ bridge }) => bridge) }),
    {
      code: "bad-forward-delay",
    },
  );
  // The bridges are neighbours: each learns the other's address from what it says of the protocol, every few seconds.
  sh("brctl stp b2 off; brctl stp b10 off");
  sh("bridge fdb add 02:00:00:00:00:99 dev v1 master dynamic");
  const { ports, entries } = listMacs(engine, "b10");
  const age = (text: string) => text.replaceAll(/\d+\.\d\d$/gm, "-");
  t.equal(age(renderMacs(ports, entries)), age(sh("brctl showmacs b10")));
  const learnt = entries.find(({ mac }) => mac === "02:00:00:00:00:99");
  t.match(learnt, { local: false, fixed: false });
  t.ok((learnt?.ageCentiseconds ?? -1) >= 0 && (learnt?.ageCentiseconds ?? 9999) < 1000, "its age is seconds, not hours");
});

t.test("what is refused, by name", needRoot, async (t) => {
  await t.rejects(
    change((place) => planBridgeAdd("b2", place)),
    { code: "bridge-exists", message: "bridge b2 exists already" },
  );
  await t.rejects(
    change((place) => planBridgeAdd("v1", place)),
    { code: "interface-exists" },
  );
  await t.rejects(
    change((place) => planBridgeAdd("sixteencharacter", place)),
    { code: "bad-interface-name", exitCode: 2 },
  );
  await t.rejects(
    change((place) => planPortAdd("b2", ["p2", "v1"], place)),
    { code: "port-taken", message: "v1 belongs to b10" },
  );
  t.notMatch(sh("brctl show b2"), /p2/, "nothing was changed");
  await t.rejects(
    change((place) => planPortAdd("b2", ["b10"], place)),
    { code: "bridge-in-bridge" },
  );
  await t.rejects(
    change((place) => planPortAdd("b2", ["nothing"], place)),
    { code: "no-such-interface" },
  );
  await t.rejects(
    change((place) => planPortRemove("b2", ["v1"], place)),
    { code: "not-a-port", message: "v1 is no port of b2 but of b10" },
  );
  await t.rejects(
    change((place) => planBridgeRemove("b2", place, false)),
    { code: "bridge-up" },
  );
  await t.rejects(
    change((place) => planBridgeRemove("v1", place, false)),
    { code: "not-a-bridge" },
  );
  t.throws(() => listMacs(engine, "nothing"), { code: "no-such-bridge" });
  await t.rejects(showBridges(engine, "nothing"), { code: "no-such-bridge" });
});

t.test("a later step that fails takes the earlier ones back", needRoot, async (t) => {
  const joins = (place: BridgePlace): Plan => ({
    steps: [
      ...planPortAdd("b2", ["p2"], place).steps,
      { step: { kind: "link.set", name: "lo", change: { master: "b2" } }, because: "the kernel refuses it" },
    ],
  });
  await t.rejects(change(joins));
  t.notMatch(sh("brctl show b2"), /p2/);
});

t.test("the script of a plan has the same effect", needRoot, async (t) => {
  const empty: BridgePlace = { label: "here", links: [] };
  const steps: Plan["steps"] = [
    ...planBridgeAdd("twin", empty).steps,
    { step: { kind: "link.set", name: "p3", change: { master: "twin" } }, because: "a port" },
    { step: { kind: "bridge.set", name: "twin", option: "ageing_time", value: 4200 }, because: "an option" },
    { step: { kind: "bridge.set", name: "twin", option: "stp_state", value: 1 }, because: "an option" },
    { step: { kind: "port.set", name: "p3", option: "cost", value: 99 }, because: "an option" },
    { step: { kind: "port.set", name: "p3", option: "isolated", value: 1 }, because: "an option" },
    { step: { kind: "port.set", name: "p3", option: "hairpin", value: 1 }, because: "an option" },
  ];
  const state = () => {
    const { bridge, ports = [] } = read("twin") ?? {};
    const { ageingTimeCentiseconds, stp } = bridge?.bridge ?? {};
    const ofPort = ports.map(({ name, port }) => [name, port?.pathCost, port?.isolated, port?.hairpin]);
    return { ageingTimeCentiseconds, stp, ofPort };
  };
  await engine.apply({ steps });
  const ours = state();
  t.same(ours, { ageingTimeCentiseconds: 4200, stp: true, ofPort: [["p3", 99, true, true]] });
  sh("ip link del twin");
  const { status, stderr } = spawnSync("sh", { input: scriptOfPlan({ steps }), encoding: "utf8" });
  t.equal(status, 0, stderr);
  t.same(state(), ours);
  sh("ip link del twin");
});

t.test("a change is announced, not polled for", needRoot, async (t) => {
  const stop = new AbortController();
  let seen = 0;
  for await (const _ of watchBridges(stop.signal)) {
    seen++;
    if ((await showBridges(engine)).bridges.some(({ name }) => name === "watched")) stop.abort();
    else if (seen === 1) sh("ip link add watched type bridge");
  }
  t.ok(seen >= 2, "once at the beginning, and after the change");
  sh("ip link del watched");
});

t.test("a bridge goes when it is down", needRoot, async (t) => {
  sh("ip link set b2 down");
  await change((place) => planBridgeRemove("b2", place, false));
  await change((place) => planBridgeRemove("b10", place, true));
  t.equal(sh("brctl show"), "");
});
