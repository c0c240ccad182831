// Options of macvlan and ipvlan: what they mean and which are refused, in libnetwork's words.
import t from "tap";
import { driverOf } from "../../src/network/driver.ts";
import { planParent } from "../../src/network/parent-plan.ts";
import { plainRequest } from "../../src/network/request.ts";
import { undoOf } from "../../src/plan/plan.ts";

const request = (driver: string, options: Readonly<Record<string, string>>) => ({ ...plainRequest("lan"), driver, options });
const faults = (driver: string, options: Readonly<Record<string, string>>) =>
  driverOf(driver)
    ?.faults(request(driver, options))
    .map(({ message }) => message);
const settings = (driver: string, options: Readonly<Record<string, string>>) => driverOf(driver)?.settings(request(driver, options));

t.test("what is meant", async (t) => {
  t.same(settings("macvlan", {}), { parent: { mode: "bridge" } });
  t.same(settings("macvlan", { macvlan_mode: "private", "com.docker.network.driver.mtu": "1400" }), {
    parent: { mode: "private" },
    mtu: 1400,
  });
  t.same(settings("ipvlan", { ipvlan_mode: "" }), { parent: { mode: "l2", flag: "bridge" } });
  t.same(settings("ipvlan", { ipvlan_mode: "l3s", ipvlan_flag: "vepa", "com.docker.network.container_iface_prefix": "net" }), {
    parent: { mode: "l3s", flag: "vepa" },
    linkPrefix: "net",
  });
});

t.test("what is refused", async (t) => {
  t.same(faults("macvlan", { parent: "eth0.10", macvlan_mode: "passthru" }), []);
  t.same(faults("macvlan", { macvlan_mode: "l2", parent: "lo" }), [
    "requested macvlan mode 'l2' is not valid, 'bridge' is the macvlan driver default",
    "loopback interface is not a valid macvlan parent link",
  ]);
  t.same(faults("ipvlan", { ipvlan_flag: "x", macvlan_mode: "bridge" }), [
    "requested ipvlan flag 'x' is not valid, 'bridge' is the ipvlan driver default",
    "--opt macvlan_mode is not supported by driver ipvlan",
  ]);
  t.same(faults("ipvlan", { parent: "a/b", "com.docker.network.driver.mtu": "1" }), ['invalid parent "a/b"', 'invalid mtu "1"']);
});

t.test("only a parent that is made is taken away", async (t) => {
  const spec = { name: "lan", driver: "macvlan", bridge: "eth0.10", pools: [] } as const;
  t.same(planParent({ ...spec, parent: { mode: "bridge" } }).steps, []);
  const made = planParent({ ...spec, parent: { mode: "bridge", made: { kind: "vlan", on: "eth0", id: 10 } } });
  t.match(made.steps, [{ step: { kind: "parent.add", vlan: { on: "eth0", id: 10 } } }, { step: { kind: "link.up" } }]);
  t.same(undoOf(made), [{ kind: "link.remove", name: "eth0.10" }]);
});
