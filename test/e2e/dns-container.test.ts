// Names as programs in containers ask for them: over the monitor's relay, from the name server that the first question starts.
import "../fixture/fresh-namespaces.ts";
import type { Answer } from "dns-packet";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { isGone } from "../fixture/keep.ts";
import { type Behaviour, reply, startUpstream } from "../fixture/name-upstream.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const upstreamAddress = "127.7.7.53";

/** What nslookup in a container says: addresses and names, and whether it is content. */
async function look(root: DataRoot, container: string, ...words: readonly string[]) {
  const { code, stdout } = await root.tsns(["exec", container, "nslookup", ...words]);
  const [, said = ""] = stdout.split(/\n\n([\s\S]*)/);
  return { code, said, addresses: [...said.matchAll(/^Address: (.*)$/gm)].map(([, address]) => address ?? "") };
}

async function place(t: Test) {
  const root = await makeBusyboxRoot(t);
  const start = (name: string, ...options: readonly string[]) =>
    root.ok(["run", "-d", "--name", name, "--dns", upstreamAddress, "--stop-signal", "KILL", ...options, image, "sleep", "1000"]);
  return { root, start };
}

t.test("who finds whom", needRoot, async (t) => {
  const { root, start } = await place(t);
  await startUpstream(t, (query) => reply(query, [], 0x8183), { address: upstreamAddress, port: 53 });
  await root.ok(["network", "create", "--subnet", "10.61.0.0/24", "--subnet", "fd61::/64", "--ipv6", "back"]);
  await root.ok(["network", "create", "--subnet", "10.62.0.0/24", "front"]);
  await start("db", "--network", "back", "--network-alias", "store");
  const id = await start("db2", "--network", "back", "-l", "com.docker.compose.service=store");
  await start("web", "--network", "front");
  await start("both", "--network", "name=front,alias=gate", "--network", "back");

  t.match(await look(root, "db", "db2"), { code: 0, addresses: ["10.61.0.3", "fd61::3"] });
  t.match(await look(root, "db", id.slice(0, 12)), { addresses: ["10.61.0.3", "fd61::3"] });
  t.match(await look(root, "db", "DB2.back"), { addresses: ["10.61.0.3", "fd61::3"] });
  t.same([...(await look(root, "db", "store")).addresses].sort(), ["10.61.0.2", "10.61.0.3", "fd61::2", "fd61::3"]);
  t.match(await look(root, "db", "10.61.0.3"), { code: 0, said: /name = db2\.back/ });
  t.match(await look(root, "db", "fd61::3"), { code: 0, said: /name = db2\.back/ });
  t.match(await look(root, "db", "host.docker.internal"), { addresses: ["10.61.0.1", "fd61::1"] });
  t.match(await look(root, "web", "host.tsns.internal"), { addresses: ["10.62.0.1"] });
  t.match(await look(root, "both", "web"), { addresses: ["10.62.0.2"] });
  t.match(await look(root, "both", "db"), { addresses: ["10.61.0.2", "fd61::2"] });
  t.match(await look(root, "web", "gate"), { addresses: ["10.62.0.3"] });
  t.match(await look(root, "web", "db"), { code: 1, addresses: [], said: /NXDOMAIN/ }, "not on a network of its own");
  t.match(await look(root, "db", "gate"), { code: 1 }, "an alias on the other network");

  await root.ok(["rename", "db2", "spare"]);
  t.match(await look(root, "db", "spare"), { addresses: ["10.61.0.3", "fd61::3"] });
  t.match(await look(root, "db", "db2"), { code: 1 });
  await root.ok(["network", "connect", "--alias", "new", "back", "web"]);
  t.match(await look(root, "web", "db"), { addresses: ["10.61.0.2", "fd61::2"] }, "connected while it runs");
  t.match(await look(root, "db", "new"), { code: 0 });
  await root.ok(["network", "disconnect", "back", "web"]);
  t.match(await look(root, "web", "db"), { code: 1 });
  await root.ok(["stop", "spare"]);
  t.match(await look(root, "db", "spare"), { code: 1 }, "what has ended has no name");
  t.match(JSON.parse(await root.ok(["dns", "ls", "--json", "back"])), [
    { container: "both", names: /both/ },
    { container: "db", addresses: ["10.61.0.2", "fd61::2"] },
  ]);
});

/** As a server on the internet: a long answer, one that needs TCP, one that comes late. */
const internet: Behaviour = (query, protocol) => {
  const name = query.questions?.[0]?.name ?? "";
  if (query.questions?.[0]?.type !== "A") return reply(query, []);
  const addresses = (count: number): Answer[] =>
    Array.from({ length: count }, (_, at) => ({ type: "A", name, ttl: 9, data: `192.0.2.${at + 1}` }));
  if (name === "web.lan" || name === "plain.org") return reply(query, addresses(1));
  if (name === "long.org") return protocol === "tcp" ? reply(query, addresses(15)) : reply(query, [], 0x0380);
  return reply(query, [], 0x8183);
};

t.test("everything else is asked outside", needRoot, async (t) => {
  const { root, start } = await place(t);
  const upstream = await startUpstream(t, internet, { address: upstreamAddress, port: 53 });
  await root.ok(["network", "create", "--subnet", "10.63.0.0/24", "net"]);
  await root.ok(["network", "create", "--subnet", "10.64.0.0/24", "--internal", "inner"]);
  await start("shop", "--network", "net", "--dns-search", "lan");
  await start("safe", "--network", "inner");

  t.match(await look(root, "shop", "plain.org"), { code: 0, addresses: ["192.0.2.1"] });
  t.equal((await look(root, "shop", "-type=a", "long.org")).addresses.length, 15, "by TCP, as it is cut by UDP");
  // a server that is silent for a second is asked once more
  t.same(new Set(upstream.asked), new Set(["tcp long.org", "udp long.org", "udp plain.org"]));
  t.match(await look(root, "safe", "plain.org"), { code: 1, said: /SERVFAIL/ }, "an internal network has no way out");
  t.match(await look(root, "safe", "safe"), { addresses: ["10.64.0.2"] });

  const trace = JSON.parse(await root.ok(["dns", "trace", "--json", "shop", "web", "a"]));
  t.match(trace, {
    servers: ["127.0.0.11"],
    search: ["lan"],
    upstreams: [upstreamAddress],
    found: true,
    steps: [
      { name: "web.", type: "A", result: "NXDOMAIN" },
      { name: "web.lan.", type: "A", result: "NOERROR", answers: ["A 192.0.2.1"], source: `upstream ${upstreamAddress}` },
    ],
  });
  const { stdout } = await root.tsns(["dns", "trace", "shop", "long.org", "A"]);
  t.match(
    stdout,
    /udp 127\.7\.7\.53, after .*: too long for UDP .*\n( {2}udp .*: no answer .*\n)? {2}tcp 127\.7\.7\.53, after .*: NOERROR, 15 answers/,
  );
  t.match(await root.tsns(["dns", "trace", "shop", "nowhere.org"]), { code: 1, stdout: /NXDOMAIN/ });
  t.match(await root.ok(["dns", "trace", "shop", "shop"]), /network net .* A 10\.63\.0\.2/);
  t.match(await root.ok(["dns", "log", "safe"]), /safe udp plain\.org\. A SERVFAIL \(no network leads outside/);
  await root.ok(["run", "-d", "--name", "alone", "--network", "none", image, "sleep", "1000"]);
  t.match(await root.tsns(["dns", "trace", "alone", "x"]), { code: 1, stderr: /^tsns: container alone has no network/ });
  await root.ok(["create", "--name", "idle", "--network", "net", image, "true"]);
  t.match(await root.tsns(["dns", "trace", "idle", "x"]), { code: 1, stderr: /^tsns: container idle is not running/ });
  const pid = await serverPid(root);
  t.notOk(isGone(pid));
  t.match(await root.tsns(["df", "--reconcile"]), { code: 0, stdout: /name server .*\nunattributed: 0\n/s }, "its files are accounted for");
  await root.ok(["system", "reset", "--force"], { timeoutMs: 120_000 });
  t.ok(isGone(pid), "a reset ends it");
});

t.test("a server that is killed", needRoot, async (t) => {
  const { root, start } = await place(t);
  await root.ok(["network", "create", "--subnet", "10.65.0.0/24", "net"]);
  await start("one", "--network", "net");
  t.match(await look(root, "one", "one"), { addresses: ["10.65.0.2"] });
  const first = await serverPid(root);
  process.kill(first, "SIGKILL");
  await start("two", "--network", "net");
  t.match(await look(root, "one", "two"), { addresses: ["10.65.0.3"] }, "the next one answers");
  const second = await serverPid(root);
  t.not(second, first);
  await root.ok(["rm", "-f", "one", "two"]);
  await waitFor("its end after the last container's", () => isGone(second));
});

async function serverPid(root: DataRoot): Promise<number> {
  const { DatabaseSync } = await import("node:sqlite");
  using database = new DatabaseSync(`${root.path}/store.db`, { readOnly: true });
  return Number(database.prepare("SELECT pid FROM operation WHERE owner = 'name-server'").get()?.pid);
}
