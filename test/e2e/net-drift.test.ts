// What others took away is found, named and put back; `--watch` hears of it by itself.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { type DataRoot, makeRoot, outcomeOf } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { perform } from "./fault-step-lab.ts";
import { ask, askInVain, bridgesOf, makeBox, ownRules, serve, sh } from "./network-lab.ts";

interface Drift {
  readonly object: string;
  readonly kind: string;
  readonly what: string;
}

async function drifts(root: DataRoot): Promise<readonly Drift[]> {
  const { code, stdout } = await root.tsns(["net", "drift", "--json"]);
  const found = JSON.parse(stdout) as Drift[];
  if (code !== (found.length > 0 ? 1 : 0)) throw new Error(`exit code ${code} for ${stdout}`);
  return found;
}

const flush = "for t in filter nat raw mangle; do iptables -t $t -F && iptables -t $t -X; done";

t.test("a firewall that flushes all rules, settings and the bridge", needRoot, async (t) => {
  const root = await makeBox(t);
  const web = await serve(root, "web", ["-p", "8080:80"]);
  await root.ok(["net", "forward", "add", `8081:${web}:81`]);
  await root.ok(["net", "nat", "add", "10.96.0.0/24"]);
  t.same(await drifts(root), [], "as made");
  t.equal(await root.ok(["net", "drift"]), "");
  const [bridge = ""] = bridgesOf();
  const before = ownRules().sort();

  sh(`${flush}; sysctl -q -w net.ipv4.ip_forward=0 net.ipv4.conf.${bridge}.route_localnet=0`);
  const found = await drifts(root);
  for (const object of ["network bridge", "container web", "forward 1", "nat 2"]) {
    t.ok(
      found.some((drift) => drift.object === object && drift.kind === "rule"),
      `${object}: its rules`,
    );
  }
  t.match(
    found.filter(({ kind }) => kind === "setting").map(({ what }) => what),
    [/ip_forward is 0, not 1/, /route_localnet is 0/],
  );
  const dry = await root.tsns(["net", "drift", "--repair", "--dry-run"]);
  t.equal(dry.code, 1);
  t.match(dry.stdout, /iptables -w -t nat -N TSNS-DNAT-/);
  t.same(await drifts(root), found, "a dry run repairs nothing");
  t.equal(await askInVain("tcp", "127.0.0.1", 8080), "");
  await root.ok(["net", "drift", "--repair"]);
  t.same(await drifts(root), []);
  t.same(ownRules().sort(), before, "the same rules");
  for (const port of [8080, 8081]) t.match(await ask("tcp", "127.0.0.1", port), /^web /, `port ${port}`);

  sh(`ip link del ${bridge}`);
  t.match(
    (await drifts(root)).map(({ what }) => what),
    [/is gone$/, /route_localnet/, /is not at bridge/],
  );
  await root.ok(["net", "drift", "--repair"]);
  t.match(await ask("tcp", "127.0.0.1", 8080), /^web /, "the container is at its bridge again");

  sh(`iptables -t filter -F TSNS-FWD-${bridge}; ip addr flush dev ${bridge}; ip link set ${bridge} down`);
  t.match(new Set((await drifts(root)).map(({ kind }) => kind)), new Set(["address", "link", "rule"]));
  await root.ok(["net", "drift", "--repair"]);
  t.same(ownRules().sort(), before);
  t.match(await ask("tcp", "127.0.0.1", 8080), /^web /);

  const link = /(veth\w+)@/.exec(sh(`ip link show master ${bridge} 2>/dev/null`))?.[1] ?? "";
  sh(`ip link del ${link}`);
  const lost = await root.tsns(["net", "drift", "--repair"]);
  t.equal(lost.code, 1, "a veth pair comes back with a new start only");
  t.match(lost.stdout, /container web\s+link\s+its link \S+ is gone: it has no network \(start it anew: tsns stop web && tsns start web\)/);
});

t.test("rules of both families, shared chains and one of many ports", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["network", "create", "--ipv6", "six"]);
  await serve(root, "web", ["--network", "six", "-p", "8080:80", "-p", "9000-9009:9000-9009"]);
  const all = () => sh("for p in iptables ip6tables; do $p-save; done | grep '^-A.*tsns:'").split("\n").sort();
  const before = all();
  for (const lost of [
    "for t in filter nat; do ip6tables -t $t -F && ip6tables -t $t -X; done",
    "ip6tables -D TSNS-NETWORKS -m comment --comment tsns:host -j TSNS-USER",
    "iptables -F TSNS-IN; iptables -t nat -F TSNS-PORTS; ip6tables -D INPUT -p ipv6-icmp -m comment --comment tsns:host -j TSNS-NEIGHBOUR",
    "eval ip6tables -t nat -D $(ip6tables -t nat -S | grep 9000:9009 | sed 's/-A//')",
  ]) {
    sh(lost);
    t.not((await drifts(root)).length, 0, lost);
    await root.ok(["net", "drift", "--repair"]);
    t.same(await drifts(root), []);
    t.same(all(), before, "the same rules");
  }
  t.match(sh("ip6tables -S TSNS-NETWORKS | sed -n 2p"), /-j TSNS-USER$/m, "the administrator's chain is first again");
});

for (const backend of ["nft", "legacy"]) {
  t.test(`--watch --repair with ${backend}`, needRoot, async (t) => {
    const root = await makeBox(t);
    const env = { TSNS_IPTABLES: backend };
    await root.ok(["net", "nat", "add", "10.96.0.0/24"], { env });
    const before = ownRules().sort();
    // nft announces its changes: the interval is far longer than the test
    const interval = backend === "nft" ? "600" : "0.2";
    const child = root.start(["net", "drift", "--watch", "--repair", "--interval", interval], { env });
    const outcome = outcomeOf(child, "net drift --watch", 30_000);
    let said = "";
    child.stderr.on("data", (text: Buffer) => {
      said += text;
    });
    // the watcher listens when it has put back the first one
    for (const round of [1, 2]) {
      sh(`iptables-${backend} -t nat -D POSTROUTING -m comment --comment tsns:host -j ${natChain(backend)}`);
      await waitFor(
        () => `repair ${round}: ${said}`,
        () => said.match(/put back: 1 of 1/g)?.length === round,
      );
      t.same(ownRules().sort(), before, `repair ${round}`);
    }
    child.kill("SIGTERM");
    const { code, stdout } = await outcome;
    t.match(stdout, /nat 1\s+rule\s+the rule is missing: -t nat -A POSTROUTING/);
    t.equal(code, 0, "nothing was left to repair when the signal came");
  });
}

const natChain = (backend: string): string => /:(TSNS-NAT-\w+)/.exec(sh(`iptables-${backend}-save -t nat`))?.[1] ?? "";

t.test("what cannot be", needRoot, async (t) => {
  const root = await makeBox(t);
  const { code, stderr } = await root.tsns(["net", "drift", "--watch", "--interval", "0"]);
  t.equal(code, 2);
  t.match(stderr, /--interval 0: not from 0\.1 to 86400 seconds/);
});

t.test("a deletion that was killed is finished, by drift and doctor alike", needRoot, async (t) => {
  const root = makeRoot(t);
  sh("ip link add tkd type veth peer name tke; ip addr add 10.78.9.1/24 dev tkd; ip link set tkd up");
  t.teardown(() => sh("ip link del tkd"));
  for (const repair of [
    ["net", "drift", "--repair"],
    ["doctor", "--fix"],
  ]) {
    await root.ok(["net", "forward", "add", "18081:10.78.9.9:80"]);
    t.ok(perform(root, "forward del", 2, { TSNS_TEST_FORWARD: "18081:10.78.9.9:80" }).killed);
    t.match(await drifts(root), [{ object: "forward 1", kind: "record", what: /killed/ }]);
    t.match((await root.tsns(["doctor"])).stdout, /forward/);
    await root.ok(repair);
    t.same(await drifts(root), [], `${repair.join(" ")}: nothing is left for drift`);
    t.match(await root.tsns(["doctor"]), { code: 0 }, "nor for the doctor");
    t.notMatch(await root.ok(["net", "forward", "ls"]), /18081/);
  }
});
