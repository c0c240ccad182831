// Networks of driver ipvlan in its modes; VLANs and parents that lead nowhere, which are made for a network. Needs a kernel that has all of it,
// as few test machines have; test/vm brings one.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { makeBox, sh } from "../e2e/network-lab.ts";
import { keep, lan, openLan, placeOf, reaches } from "../e2e/network-parent-lab.ts";

t.test("ipvlan in its modes", async (t) => {
  openLan(t);
  const root = await makeBox(t);
  await root.ok(["network", "create", "-d", "ipvlan", ...lan, "-o", "parent=up0", "lan"]);
  await keep(root, "one", "--network", "lan");
  await keep(root, "two", "--network", "lan", "--ip", "10.81.0.200");
  for (const address of ["10.81.0.1", "10.81.0.200", "fd81::1", "10.99.9.9"]) t.ok(await reaches(root, "one", address), `l2: ${address}`);
  t.equal(await placeOf(root, "one", "lan", "MacAddress"), "", "it has the parent's");
  const own = await root.tsns(["run", "--rm", "--network", "lan", "--mac-address", "02:00:00:00:00:09", "box", "true"]);
  t.match([own.code, own.stderr], [125, /do not support custom mac address/]);
  await root.ok(["rm", "-f", "one", "two"]);
  await root.ok(["network", "rm", "lan"]);

  await root.ok(["network", "create", "-d", "ipvlan", "--subnet", "10.83.0.0/24", "-o", "parent=up0", "-o", "ipvlan_mode=l3", "routed"]);
  await keep(root, "one", "--network", "routed");
  await keep(root, "two", "--network", "routed", "--ip", "10.83.0.200");
  t.match(await root.ok(["exec", "one", "ip", "route"]), /default dev eth0/);
  t.ok(await reaches(root, "one", "10.83.0.200"), "l3: each other");
  t.match(
    await root.ok(["run", "--dry-run", "--explain=sh", "--network", "routed", "box", "true"]),
    /type ipvlan mode l3 bridge[\s\S]*ip route add default dev eth0/,
  );
});

t.test("parents that are made", async (t) => {
  openLan(t, true);
  const root = await makeBox(t);
  await root.ok([
    "network",
    "create",
    "-d",
    "macvlan",
    "--subnet",
    "10.82.0.0/24",
    "--gateway",
    "10.82.0.1",
    "--ip-range",
    "10.82.0.128/25",
    "-o",
    "parent=up0.10",
    "tagged",
  ]);
  t.match(sh("ip -d -o link show up0.10"), /vlan protocol 802.1Q id 10/);
  await keep(root, "one", "--network", "tagged");
  t.ok(await reaches(root, "one", "10.82.0.1"), "the neighbour on the VLAN");
  sh("ip link del up0.10");
  t.match(await root.ok(["net", "drift"]).catch(String), "its parent up0.10 is gone");
  await root.tsns(["net", "drift", "--repair"]);
  t.match(sh("ip -o link show up0.10"), /[<,]UP[,>]/);
  await root.ok(["rm", "-f", "one"]);
  await root.ok(["network", "rm", "tagged"]);
  t.equal(sh("ip -o link show type vlan"), "", "it goes with the network");

  await root.ok(["network", "create", "-d", "ipvlan", "inner"]);
  t.match(sh("ip -o link show type dummy"), /dm-/);
  await keep(root, "one", "--network", "inner");
  await keep(root, "two", "--network", "inner");
  t.ok(await reaches(root, "one", await placeOf(root, "two", "inner")), "containers on a link that leads nowhere");
  t.notMatch(await root.ok(["exec", "one", "ip", "route"]), "default");
  await root.ok(["rm", "-f", "one", "two"]);
  await root.ok(["network", "rm", "inner"]);
  t.equal(sh("ip -o link show type dummy"), "");
  for (const [parent, words] of [
    ["up9", "this host has no link up9"],
    ["up9.10", "this host has no link up9"],
    ["up0.4095", "vlan id must be between 1-4094"],
    ["lo", "loopback interface is not a valid macvlan parent link"],
    ["a b", 'invalid parent "a b"'],
  ] as const) {
    const refused = await root.tsns(["network", "create", "-d", "macvlan", "-o", `parent=${parent}`, "bad"]);
    t.match([refused.code, refused.stderr.includes(words)], [1, true], refused.stderr);
  }
  t.match(await root.ok(["doctor"]), /nothing|no /i);
});
