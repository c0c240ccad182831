// Networks of driver macvlan: containers reach each other and a machine on the parent's link. What else there is (ipvlan, VLANs, parents that are
// made) takes a kernel that few test machines have: test/vm/ipvlan.test.ts.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { runProbes } from "../../src/kernel/check/native.ts";
import { needRoot } from "../fixture/root.ts";
import { makeBox, sh } from "./network-lab.ts";
import { keep, lan, openLan, placeOf, reaches } from "./network-parent-lab.ts";

const has = (kind: string): boolean => needRoot.skip === false && runProbes([`link:${kind}`]).get(`link:${kind}`)?.verdict === "OK";
const needMacvlan = needRoot.skip === false && !has("macvlan") ? { skip: "this kernel has no macvlan links" } : needRoot;

t.test("macvlan on a link of the host", needMacvlan, async (t) => {
  openLan(t);
  const root = await makeBox(t);
  await root.ok(["network", "create", "-d", "macvlan", ...lan, "-o", "parent=up0", "lan"]);
  sh("ip link add far0 type veth peer name far1");
  await keep(root, "one", "--network", "lan", "-p", "80:80");
  await keep(root, "two", "--network", "lan", "--mac-address", "02:00:00:00:00:02", "--ip", "10.81.0.200");
  t.match(await root.ok(["exec", "two", "ip", "link", "show", "eth0"]), "02:00:00:00:00:02");
  for (const address of ["10.81.0.1", "10.81.0.200", "fd81::1", "10.99.9.9"]) t.ok(await reaches(root, "one", address), address);
  t.ok(await reaches(root, "two", await placeOf(root, "one", "lan", "GlobalIPv6Address")), "one by IPv6");
  t.match(sh(`ip netns exec lan ping -c1 -W10 ${await placeOf(root, "one", "lan")}`), " 0% packet loss", "and the neighbour them");
  t.equal(sh("iptables-save | grep -c tsns || true").trim(), "0", "no rule is made for it");
  t.equal(await root.ok(["port", "one"]), "", "nothing is published");

  await root.ok(["restart", "-t", "0", "one"]);
  t.ok(await reaches(root, "one", "10.81.0.1"), "after a restart");
  await keep(root, "mapped", "--network", "lan", "--userns", "private");
  t.ok(await reaches(root, "mapped", "10.81.0.200"), "in a user namespace of its own");
  await root.ok(["network", "create", "own"]);
  await keep(root, "both", "--network", "own", "--network", "lan");
  t.ok(await reaches(root, "both", "10.81.0.200"), "on a bridge as well");
  await root.ok(["network", "disconnect", "lan", "both"]);
  t.equal(await root.ok(["exec", "both", "ls", "/sys/class/net"]), "eth0\nlo");
  await root.ok(["network", "connect", "--ip", "10.81.0.250", "lan", "both"]);
  t.ok(await reaches(root, "both", "10.81.0.200"), "after it has left and come again");
  await root.ok(["net", "rate", "both", "--out", "10mbit"]);
  await root.ok(["restart", "-t", "0", "both"]);
  t.match(await root.ok(["net", "rate", "both"]), /^own +out +10Mbit/m, "a rate holds on the bridge alone");
  t.ok(await reaches(root, "both", "10.81.0.200"));
  const script = await root.ok(["run", "--dry-run", "--explain=sh", "--network", "lan", "box", "true"]);
  t.match(script, /ip link add link up0 name eth0 index 1000 .*type macvlan mode bridge/);

  const large = await root.tsns([
    "network",
    "create",
    "-d",
    "macvlan",
    "-o",
    "parent=far0",
    "-o",
    "com.docker.network.driver.mtu=9000",
    "large",
  ]);
  t.match([large.code, large.stderr], [1, /mtu 9000 is more than that of the parent: far0 has 1500/]);
  const twin = await root.tsns(["network", "create", "-d", "macvlan", "-o", "parent=up0", "again"]);
  t.match([twin.code, twin.stderr], [1, /network lan is already using parent interface up0/]);
  const rated = await root.tsns(["run", "--rm", "--network", "lan", "--net-rate", "1mbit", "box", "true"]);
  t.match([rated.code, rated.stderr], [125, /a link of network lan \(macvlan\) has no end on the host/]);
  t.match((await root.tsns(["network", "rm", "lan"])).stderr, 'name:"one"');
  await root.ok(["rm", "-f", "one", "two", "mapped", "both"]);
  await root.ok(["network", "rm", "lan", "own"]);
  t.match(sh("ip -o link show up0"), "up0", "the host's link stays");
});

t.test("modes of macvlan", needMacvlan, async (t) => {
  openLan(t);
  const root = await makeBox(t);
  await root.ok(["network", "create", "-d", "macvlan", ...lan, "-o", "parent=up0", "-o", "macvlan_mode=private", "alone"]);
  await keep(root, "one", "--network", "alone");
  await keep(root, "two", "--network", "alone", "--ip", "10.81.0.200");
  t.ok(await reaches(root, "one", "10.81.0.1"));
  t.notOk(await reaches(root, "one", "10.81.0.200", false), "private links do not see each other");
});

t.test("the whole of a parent for one container", needMacvlan, async (t) => {
  openLan(t);
  const root = await makeBox(t);
  await root.ok(["network", "create", "-d", "macvlan", ...lan, "-o", "parent=up0", "-o", "macvlan_mode=passthru", "only"]);
  await keep(root, "one", "--network", "only");
  t.ok(await reaches(root, "one", "10.81.0.1"), "passthru");
  const second = await root.tsns(["run", "--rm", "--network", "only", "box", "true"]);
  t.match([second.code, second.stderr], [125, /network only: in mode passthru it has room for one container, which is one/]);
  t.match(
    (await root.tsns(["network", "create", "-d", "macvlan", "-o", "macvlan_mode=l2", "x"])).stderr,
    "requested macvlan mode 'l2' is not valid",
  );
});

t.test("what the kernel has not is refused", needRoot, async (t) => {
  openLan(t);
  const root = await makeBox(t);
  for (const kind of ["macvlan", "ipvlan"]) {
    const made = await root.tsns(["network", "create", "-d", kind, "--subnet", "10.81.0.0/24", "-o", "parent=up0", kind]);
    if (has(kind)) t.equal(made.code, 0, made.stderr);
    else t.match([made.code, made.stderr], [1, new RegExp(`this kernel has no ${kind} links .*CONFIG_${kind.toUpperCase()}; tsns check`)]);
    await root.tsns(["network", "rm", kind]);
  }
  t.equal(await root.ok(["network", "ls", "-q", "--filter", "type=custom"]), "", "nothing half-made is left");
});
