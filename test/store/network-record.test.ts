// Network rows.
import t from "tap";
import { deleteNetwork, findNetwork, getNetwork, listNetworks, matchNetworks, putNetwork } from "../../src/store/network-record.ts";
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

t.test("found by name, id and the start of one", async (t) => {
  const store = openTestStore(t);
  const ids = { front: "ab12", back: "ab34", ab: "cd56" };
  for (const [name, id] of Object.entries(ids)) {
    putNetwork(store, { id, createdMs: 3, appliedBoot: "", spec: { name, bridge: `br-${name}`, pools: [] } });
  }
  const nameOf = (reference: string) => findNetwork(store, reference)?.spec.name;
  t.same(["front", "ab34", "ab1", "c", "ab", "nope", "", "AB"].map(nameOf), [
    "front",
    "back",
    "front",
    "ab",
    "ab",
    undefined,
    undefined,
    undefined,
  ]);
  t.throws(() => nameOf("a"), {
    code: "ambiguous-network",
    message: "network a is ambiguous (2 matches found based on ID prefix)",
    hint: "it may be back, front: give a name or more digits",
  });
  t.equal(matchNetworks(store, "a").length, 2);
});
