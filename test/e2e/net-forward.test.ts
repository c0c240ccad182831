// Forwards and source translation by themselves, with both backends: reachable from everywhere, conflicts named, nothing left behind.
import "../fixture/fresh-namespaces.ts";
import { createServer } from "node:net";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { ask, askFrom, makeBox, openNeighbour, ownRules, serve, sh } from "./network-lab.ts";

interface ForwardRow {
  readonly number?: number;
  readonly listen: string;
  readonly target: string;
  readonly behind: string;
  readonly packets: number;
  readonly state: string;
  readonly owner: { readonly program: string };
}

t.test("from the host, its loopback and the LAN", needRoot, async (t) => {
  const root = await makeBox(t);
  const web = await serve(root, "web");
  await serve(root, "client");
  const neighbour = openNeighbour(t);
  const before = ownRules();
  for (const backend of ["nft", "legacy"]) {
    const env = { TSNS_IPTABLES: backend };
    const number = await root.ok(["net", "forward", "add", `8088:${web}:80`], { env });
    const udp = await root.ok(["net", "forward", "add", `5300-5301:${web}:53/udp`], { env });
    t.match(await ask("tcp", "127.0.0.1", 8088), /^web /, `${backend}: loopback`);
    t.match(await ask("tcp", neighbour.own, 8088), /^web /, `${backend}: an address of the host`);
    t.match(await ask("tcp", neighbour.own, 8088, neighbour.within), `web ${neighbour.address}`, `${backend}: the LAN, its address kept`);
    t.match(await ask("udp", "127.0.0.1", 5301), /^web /, `${backend}: a range to one port`);
    t.match(await askFrom(root, "client", "tcp", neighbour.own, 8088), /^web /, `${backend}: another container`);
    const rows = JSON.parse(await root.ok(["net", "forward", "ls", "--json"], { env })) as ForwardRow[];
    const row = rows.find((each) => `${each.number}` === number);
    t.match(row, { listen: "0.0.0.0:8088/tcp", target: `${web}:80`, behind: "container web", state: "active" });
    t.ok((row?.packets ?? 0) > 0, "counted");
    t.equal(await root.ok(["net", "forward", "del", `8088:${web}:80/tcp`], { env }), number);
    t.equal(await root.ok(["net", "forward", "del", udp], { env }), udp);
    t.same(ownRules(), before, `${backend}: nothing is left`);
  }

  await root.ok(["net", "forward", "add", `9080-9081:${web}:80-81`]);
  t.equal(await root.ok(["doctor"]), "nothing is left over", "its ports are in use, though by no container");
  for (const port of [9080, 9081]) t.match(await ask("tcp", "127.0.0.1", port), /^web /, `one port to one port: ${port}`);
  const rows = JSON.parse(await root.ok(["net", "forward", "ls", "--json"])) as ForwardRow[];
  t.same(
    rows.map(({ listen, target }) => `${listen} ${target}`),
    [`0.0.0.0:9080/tcp ${web}:80`, `0.0.0.0:9081/tcp ${web}:81`],
  );
});

t.test("what is in the way is named, and nothing changes", needRoot, async (t) => {
  const root = await makeBox(t);
  await serve(root, "web", ["-p", "8090:80"]);
  sh("ip link add lan9 type bridge && ip addr add 10.98.0.1/24 dev lan9 && ip link set lan9 up");
  t.teardown(() => sh("ip link del lan9"));
  const server = createServer().listen(7777);
  t.teardown(() => server.close());
  await root.ok(["net", "forward", "add", "8091:10.98.0.5:80"]);
  await root.ok(["net", "nat", "add", "10.98.0.0/24", "--out", "lan9"]);
  t.notMatch(await root.ok(["doctor", "--foreign"]), /tsns:forward:1/, "a forward of this data root is no leftover of another one");
  sh("iptables -t nat -A PREROUTING -p tcp --dport 8092 -m comment --comment other -j DNAT --to-destination 10.98.0.7:80");
  t.teardown(() =>
    sh("iptables -t nat -D PREROUTING -p tcp --dport 8092 -m comment --comment other -j DNAT --to-destination 10.98.0.7:80"),
  );
  const before = ownRules();
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["forward", "add", "8090:10.98.0.5:80"], 1, /8090\/tcp is already in use by container web /],
    [["forward", "add", "8085-8091:10.98.0.5:80"], 1, /already in use by (forward 1|container web)/],
    [["forward", "add", "127.0.0.1:8091:10.98.0.5:81"], 1, /8091\/tcp is already in use by forward 1 /],
    [["forward", "add", "7770-7780:10.98.0.5:80"], 1, new RegExp(`7777/tcp is already in use by process \\S+ \\(pid ${process.pid}\\)`)],
    [["forward", "add", "8092:10.98.0.5:80"], 1, /8092\/tcp is already in use by a rule of chain PREROUTING that leads to 10\.98\.0\.7 /],
    [["forward", "add", "8093:203.0.113.1:80"], 1, /no route of this host leads to 203\.0\.113\.1/],
    [["forward", "add", "10.98.0.9:8093:10.98.0.5:80"], 1, /10\.98\.0\.9 is no address of this host/],
    [["forward", "add", "8093:127.0.0.1:80"], 2, /127\.0\.0\.1 is this host's own loopback/],
    [["forward", "add", "8093-8095:10.98.0.5:80-81"], 2, /differ in length/],
    [["forward", "add", "8093"], 2, /too many or too few parts/],
    [["forward", "del", "77"], 1, /no forward 77 of tsns/],
    [["forward", "del"], 2, /no forward given/],
    [["nat", "add", "10.98.0.0/24", "--out", "lan9"], 1, /nat 2 translates 10\.98\.0\.0\/24 by lan9 already/],
    [["nat", "add", "10.97.0.0/24", "--out", "nowhere"], 1, /there is no link nowhere/],
    [["nat", "add", "10.97.0.0/24", "--out", "a-name-too-long-for-a-link"], 2, /cannot be the name of a link/],
    [["nat", "add", "10.97.0.1"], 2, /is no subnet/],
    [["nat", "add", "10.97.0.0/24", "--to", "fd00::1"], 2, /different IP versions/],
    [["nat", "add", "snat", "10.97.0.0/24"], 2, /snat needs the address to give: --to ADDRESS/],
    [["nat", "add", "masquerade", "10.97.0.0/24", "--to", "127.0.0.1"], 2, /say snat for --to/],
    [["nat", "add", "dnat", "10.97.0.0/24"], 2, /"dnat" is neither masquerade nor snat/],
    [["nat", "del", "10.97.0.0/24"], 1, /no nat 10\.97\.0\.0\/24 of tsns/],
  ];
  for (const [args, code, said] of cases) {
    const outcome = await root.tsns(["net", ...args]);
    t.equal(outcome.code, code, args.join(" "));
    t.match(outcome.stderr, said, args.join(" "));
    t.equal(outcome.stderr.trim().split("\n").length, 1, "one line");
  }
  t.same(ownRules(), before);
  const run = await root.tsns(["run", "--rm", "-p", "8091:80", "box", "true"]);
  t.match(run.stderr, /8091\/tcp is already in use by forward 1/, "run -p knows of it as well");
});

t.test("nat, and the script of --explain=sh", needRoot, async (t) => {
  const root = await makeBox(t);
  const before = ownRules();
  for (const args of [
    ["nat", "add", "10.96.0.0/24"],
    ["forward", "add", "8099:10.98.0.5:80"],
  ]) {
    sh("ip link add lan9 type bridge && ip addr add 10.98.0.1/24 dev lan9 && ip link set lan9 up");
    const script = await root.ok(["net", ...args, "--dry-run", "--explain=sh"]);
    t.same(ownRules(), before, "a dry run changes nothing");
    sh(script);
    const scripted = ownRules();
    t.not(scripted.length, before.length);
    const setting = sh("cat /proc/sys/net/ipv4/conf/lan9/route_localnet");
    const number = await root.ok(["net", ...args]);
    t.same(ownRules(), scripted, `${args.join(" ")}: the script had done it all`);
    t.equal(sh("cat /proc/sys/net/ipv4/conf/lan9/route_localnet"), setting);
    await root.ok(["net", args[0] ?? "", "del", number]);
    t.same(ownRules(), before);
    sh("ip link del lan9");
  }
  await root.ok(["net", "nat", "add", "snat", "10.96.0.0/24", "--to", "127.0.0.1"]);
  t.match(await root.ok(["net", "nat", "ls", "--own", "--format", "{{.Source}} {{.To}} {{.State}}"]), "10.96.0.0/24 127.0.0.1 active");
});

t.test("IPv6, and several forwards on one link", needRoot, async (t) => {
  const root = await makeBox(t);
  const before = sh("ip6tables-save | grep TSNS || true");
  sh("ip link add lan9 type bridge && ip addr add 10.98.0.1/24 dev lan9 && ip addr add fd98::1/64 dev lan9 nodad && ip link set lan9 up");
  t.teardown(() => sh("ip link del lan9"));
  const localnet = () => sh("cat /proc/sys/net/ipv4/conf/lan9/route_localnet").trim();
  t.equal(localnet(), "0");
  await root.ok(["net", "forward", "add", "[::]:8080:[fd98::5]:80"]);
  await root.ok(["net", "forward", "add", "8080:10.98.0.5:80"]);
  await root.ok(["net", "forward", "add", "8081:10.98.0.5:80"]);
  t.equal(localnet(), "1", "127.0.0.1 may leave by the link");
  t.match(sh("ip6tables-save"), /--dport 8080 .*-j DNAT --to-destination \[fd98::5\]:80/);
  await root.ok(["net", "forward", "del", "2"]);
  t.equal(localnet(), "1", "another forward needs it");
  t.equal(await root.ok(["net", "forward", "del", "--all"]), "1\n3");
  t.equal(localnet(), "0", "as it was");
  t.equal(sh("ip6tables-save | grep TSNS || true"), before);
});

t.test("system reset takes them along", needRoot, async (t) => {
  const root = await makeBox(t);
  const before = ownRules();
  await root.ok(["net", "nat", "add", "10.96.0.0/24"]);
  await root.ok(["net", "nat", "add", "fd96::/64"]);
  t.not(ownRules().length, before.length);
  await root.ok(["system", "reset", "--force"]);
  t.same(ownRules(), before);
  t.equal(sh("ip6tables-save | grep TSNS || true"), "");
  await root.ok(["net", "nat", "add", "10.96.0.0/24"]); // a store for the end of the test
});
