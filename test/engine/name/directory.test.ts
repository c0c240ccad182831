// The store's names as containers see them: what other processes change is seen at the next look, what does not concern names costs nothing.
import t from "tap";
import { openDirectory } from "../../../src/engine/name/directory.ts";
import { lookUp } from "../../../src/name/scope.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { releaseLeases } from "../../../src/store/lease.ts";
import { addLease, addNetwork, idOf } from "../../fixture/name-store.ts";
import { openTestEngine } from "../../fixture/store.ts";

function open(t: Parameters<typeof openTestEngine>[0]) {
  const engine = openTestEngine(t);
  // as another process would have it
  const other = openDatabase(engine.root);
  t.teardown(() => other.close());
  addNetwork(other, "net");
  addLease(other, "net", "a", "10.1.0.2", "web");
  const directory = openDirectory(engine.store);
  const see = (container: string, name: string) => {
    directory.refresh();
    return lookUp(directory.view(idOf(container)).scope, name)?.ipv4;
  };
  return { engine, other, directory, see };
}

t.test("what others change is seen at the next look", async (t) => {
  const { other, see } = open(t);
  t.same(see("a", "web"), ["10.1.0.2"]);
  t.equal(see("a", "db"), undefined);
  addLease(other, "net", "b", "10.1.0.3", "db");
  t.same(see("a", "db"), ["10.1.0.3"]);
  t.same(see("b", "web"), ["10.1.0.2"]);
  other.run("UPDATE address_lease SET names = 'store' WHERE address = '10.1.0.3'");
  t.equal(see("a", "db"), undefined);
  t.same(see("a", "store"), ["10.1.0.3"]);
  releaseLeases(other, idOf("b"));
  t.equal(see("a", "store"), undefined);
});

t.test("what concerns no names leaves all that was found out", async (t) => {
  const { other, directory, see } = open(t);
  see("a", "web");
  const view = directory.view(idOf("a"));
  other.run("INSERT INTO journal (owner, undo) VALUES ('x', '[]')");
  see("a", "web");
  t.equal(directory.view(idOf("a")), view);
  addLease(other, "net", "b", "10.1.0.3", "db");
  see("a", "web");
  t.not(directory.view(idOf("a")), view);
});

t.test("networks: the host's addresses, those that lead into the LAN", async (t) => {
  const { other, see } = open(t);
  addNetwork(other, "away", { pools: [{ subnet: "10.2.0.0/16", gateway: "10.2.0.1" }], hostHasGateway: false });
  addLease(other, "away", "c", "10.2.0.2", "x");
  t.same(see("c", "host.docker.internal"), []);
  t.same(see("c", "9.9.2.10.in-addr.arpa"), [], "nobody else knows it");
  addNetwork(other, "lan", { driver: "macvlan", pools: [{ subnet: "10.3.0.0/16", gateway: "10.3.0.1" }] });
  addLease(other, "lan", "d", "10.3.0.2", "y");
  t.same(see("d", "host.docker.internal"), [], "the gateway is a router, not the host");
  t.equal(see("d", "9.9.3.10.in-addr.arpa"), undefined, "the LAN may know it");
  t.same(see("d", "y"), ["10.3.0.2"]);
});

t.test("a container's own servers and links", async (t) => {
  const { other, directory, see } = open(t);
  addLease(other, "net", "b", "10.1.0.3", "db");
  const spec = { dns: { servers: ["192.0.2.53"] }, attachments: [{ network: "net", links: [{ container: idOf("b"), alias: "store" }] }] };
  other.run("INSERT INTO container (id, name, created_ms, spec, state) VALUES (?, 'a', 1, ?, '{}')", idOf("a"), JSON.stringify(spec));
  t.same(see("a", "store"), ["10.1.0.3"]);
  t.same(directory.view(idOf("a")).servers, ["192.0.2.53"]);
  t.equal(see("b", "store"), undefined);
  t.same(directory.view(idOf("b")).servers, []);
  other.run("UPDATE container SET spec = ? WHERE id = ?", JSON.stringify({ ...spec, attachments: [{ network: "net" }] }), idOf("a"));
  t.equal(see("a", "store"), undefined, "a link that was removed is none at once");
});

t.test("links of `run --link`: on the first network, not on the default one", async (t) => {
  const { other, see } = open(t);
  addLease(other, "net", "b", "10.1.0.3", "db");
  const make = (container: string, network: string) => {
    const spec = { attachments: [{ network }, { network: "other" }], links: [{ container: idOf("b"), alias: "store" }] };
    other.run(
      "INSERT INTO container (id, name, created_ms, spec, state) VALUES (?, ?, 1, ?, '{}')",
      idOf(container),
      container,
      JSON.stringify(spec),
    );
  };
  make("a", "net");
  t.same(see("a", "store"), ["10.1.0.3"]);
  addNetwork(other, "bridge", { pools: [{ subnet: "10.6.0.0/16", gateway: "10.6.0.1" }] });
  for (const [container, address] of [
    ["c", "10.6.0.2"],
    ["b", "10.6.0.3"],
  ] as const)
    addLease(other, "bridge", container, address, container);
  make("c", "bridge");
  t.equal(see("c", "store"), undefined, "there it is a line of /etc/hosts");
});
