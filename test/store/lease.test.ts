// Leases: nothing is given twice, everything goes back with its container.
import t from "tap";
import { listAddressLeases, listPortLeases, releaseLeases, takeAddress, takePort } from "../../src/store/lease.ts";
import { openTestStore } from "../fixture/store.ts";

t.test("addresses", async (t) => {
  const store = openTestStore(t);
  takeAddress(store, { network: "one", address: "10.0.0.2", container: "a", names: ["web"] });
  takeAddress(store, { network: "two", address: "10.0.0.2", container: "a", names: [] });
  takeAddress(store, { network: "one", address: "10.0.0.3", container: "b", names: [] });
  t.throws(() => takeAddress(store, { network: "one", address: "10.0.0.3", container: "c", names: [] }), /UNIQUE/);
  t.same(listAddressLeases(store, "one").sort(), ["10.0.0.2", "10.0.0.3"]);
  t.same(listAddressLeases(store, "none"), []);
  releaseLeases(store, "a");
  t.same(listAddressLeases(store, "one"), ["10.0.0.3"]);
  t.same(listAddressLeases(store, "two"), []);
});

t.test("ports", async (t) => {
  const store = openTestStore(t);
  const port = { protocol: "tcp", hostIp: "0.0.0.0", hostPort: 80, container: "a" };
  takePort(store, port);
  takePort(store, { ...port, protocol: "udp" });
  takePort(store, { ...port, hostIp: "127.0.0.1", container: "b" });
  t.throws(() => takePort(store, { ...port, container: "b" }), /UNIQUE/);
  t.equal(listPortLeases(store).length, 3);
  releaseLeases(store, "a");
  releaseLeases(store, "nobody");
  t.same(listPortLeases(store), [{ ...port, hostIp: "127.0.0.1", container: "b" }]);
});
