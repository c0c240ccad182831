// Network rows.
import t from "tap";
import { deleteNetwork, getNetwork, listNetworks, putNetwork } from "../../src/store/network-record.ts";
import { openTestStore } from "../fixture/store.ts";

t.test("stored, changed, listed by name, deleted", async (t) => {
  const store = openTestStore(t);
  const make = (name: string) => ({
    id: name.repeat(8),
    createdMs: 3,
    appliedBoot: "",
    spec: { name, bridge: `br-${name}`, pools: [{ subnet: "10.1.0.0/16", gateway: "10.1.0.1" }] },
  });
  t.equal(getNetwork(store, "b"), undefined);
  for (const name of ["b", "a"]) putNetwork(store, make(name));
  t.same(getNetwork(store, "b"), make("b"));
  putNetwork(store, { ...make("b"), appliedBoot: "boot" });
  t.equal(getNetwork(store, "b")?.appliedBoot, "boot");
  t.same(
    listNetworks(store).map(({ spec }) => spec.name),
    ["a", "b"],
  );
  deleteNetwork(store, "b");
  t.equal(getNetwork(store, "b"), undefined);
  t.equal(listNetworks(store).length, 1);
});
