// Networks joined and left: by containers that run, that were made only, that have ended; in both families, with published ports. What is left when
// the command is killed: network-kill-*.test.ts.
import "../fixture/fresh-namespaces.ts";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { rowsOf } from "./fault-lab.ts";
import { allRules, ask, askInVain, importBox, serve, sh } from "./network-lab.ts";

const scenario = sharingRoot();
const sleeping = [image, "sleep", "100000"];

async function makeNetworks(root: DataRoot): Promise<void> {
  if ((await root.ok(["network", "ls", "-q", "-f", "name=middle"])) !== "") return;
  await root.ok(["network", "create", "--subnet", "10.82.1.0/24", "--subnet", "fd82:1::/64", "middle"]);
  await root.ok(["network", "create", "--subnet", "10.82.2.0/24", "another"]);
  await root.ok(["network", "create", "--subnet", "10.82.3.0/24", "zeta"]);
}

const inside = (root: DataRoot, name: string, ...words: readonly string[]) => root.ok(["exec", name, ...words]);
const gone = (t: Test, root: DataRoot, ...names: readonly string[]) => t.teardown(() => root.tsns(["rm", "-f", ...names]));
const leasesOf = (root: DataRoot, network: string) => rowsOf(root, "address_lease").filter((row) => row.network === network);
const bridgePorts = () => sh("ip -br link show type veth").split("\n").filter(Boolean).length;

scenario("one that runs joins and leaves, in both families", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "one", "two");
  await root.ok(["run", "-d", "--name", "one", "--network", "zeta", ...sleeping]);
  await root.ok(["run", "-d", "--name", "two", "--network", "middle", ...sleeping]);
  const before = bridgePorts();
  await root.ok(["network", "connect", "--ip", "10.82.1.44", "--ip6", "fd82:1::44", "--alias", "uno,eins", "middle", "one"]);
  await inside(root, "two", "ping", "-c1", "-w3", "10.82.1.44");
  await inside(root, "two", "ping", "-6", "-c1", "-w3", "fd82:1::44");
  t.match(await inside(root, "one", "ip", "route"), /default via 10\.82\.1\.1 dev eth1/, "middle is before zeta");
  t.match(await inside(root, "one", "ip", "-6", "route"), /default via fd82:1::1 dev eth1/);
  t.match(await inside(root, "one", "cat", "/etc/hosts"), /10\.82\.1\.44\t\w+\nfd82:1::44\t/);
  t.match(leasesOf(root, "middle").find(({ address }) => address === "fd82:1::44")?.names, /^one uno eins [0-9a-f]{12}$/);
  t.match(await root.ok(["network", "inspect", "middle"]), '"Name": "one"');
  const [seen] = JSON.parse(await root.ok(["inspect", "one"]));
  t.match(seen.NetworkSettings.Networks.middle, { Aliases: ["uno", "eins"], IPAMConfig: { IPv4Address: "10.82.1.44" } });
  const twice = await root.tsns(["network", "connect", "middle", "one"]);
  t.match([twice.code, twice.stderr], [1, "endpoint with name one already exists in network middle"]);
  const taken = await root.tsns(["network", "connect", "--ip", "10.82.3.2", "zeta", "two"]);
  t.match([taken.code, taken.stderr], [1, "Address already in use: 10.82.3.2 by container one"]);
  t.equal(leasesOf(root, "zeta").length, 1, "nothing half-made");

  await root.ok(["network", "disconnect", "middle", "one"]);
  t.match(await inside(root, "one", "ip", "route"), /default via 10\.82\.3\.1 dev eth0/);
  t.notMatch(await inside(root, "one", "ip", "link"), "eth1");
  t.notMatch(await inside(root, "one", "cat", "/etc/hosts"), "10.82.1.44");
  t.equal(bridgePorts(), before);
  t.equal(leasesOf(root, "middle").length, 2, "two's are left");
  const again = await root.tsns(["network", "disconnect", "middle", "one"]);
  t.match([again.code, again.stderr], [1, "container one is not connected to network middle"]);
  const events = await root.ok(["events", "--since", "10m", "--until", "0s", "--filter", "type=network", "--filter", "network=middle"]);
  t.match(events.replaceAll("\n", " "), new RegExp(`network connect .*container=${seen.Id}.*network disconnect .*container=${seen.Id}`));
  t.match(
    await root.ok(["network", "connect", "--dry-run", "--explain", "middle", "one"]),
    /ip -6 route replace default via fd82:1::1 dev eth1/,
  );
  t.equal(leasesOf(root, "middle").length, 2, "a dry run takes nothing");
});

scenario("published ports go where the default route goes", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "web");
  await importBox(root);
  await serve(root, "web", ["--network", "middle", "-p", "8095:80"]);
  t.match(await ask("tcp", "127.0.0.1", 8095), "web");
  const rules = allRules().join("\n");
  await root.ok(["network", "connect", "another", "web"]);
  t.match(await ask("tcp", "127.0.0.1", 8095), "web");
  t.match(allRules().join("\n"), /--dport 8095 .*--to-destination 10\.82\.2\./);
  t.equal(await root.ok(["port", "web"]), "80/tcp -> 0.0.0.0:8095\n80/tcp -> [::]:8095", "another has no IPv6");
  t.match(await ask("tcp", "::1", 8095), "web", "its monitor passes that on");
  await root.ok(["network", "disconnect", "another", "web"]);
  t.equal(sh("ip -6 address show dev lo").includes("fd74:736e:7301:"), false, "what it has IPv6 for needs no relay");
  t.equal(allRules().join("\n"), rules, "all as it was");
  t.equal(await root.ok(["port", "web"]), "80/tcp -> 0.0.0.0:8095\n80/tcp -> [::]:8095");
  await root.ok(["network", "connect", "--gw-priority", "-1", "another", "web"]);
  t.equal(allRules().join("\n"), rules, "a lower priority moves nothing");
  await root.ok(["network", "disconnect", "middle", "web"]);
  t.match(await ask("tcp", "127.0.0.1", 8095), "web");
  t.match(await ask("tcp", "::1", 8095), "web");
  await root.ok(["network", "disconnect", "another", "web"]);
  t.equal(await askInVain("tcp", "127.0.0.1", 8095), "", "on no network");
  t.equal(await askInVain("tcp", "::1", 8095), "", "by IPv6 neither");
  t.notMatch(allRules().join("\n"), "8095");
  await root.ok(["network", "connect", "middle", "web"]);
  t.match(await ask("tcp", "127.0.0.1", 8095), "web", "published again");
  await root.ok(["rm", "-f", "web"]);
  t.notMatch(allRules().join("\n"), "8095");
  t.equal(rowsOf(root, "port_lease").length, 0);
});

scenario("those in its network read of it in /etc/hosts, too", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "guest", "second", "host");
  await root.ok(["run", "-d", "--name", "host", "--hostname", "host-name", "--network", "zeta", ...sleeping]);
  await root.ok(["run", "-d", "--name", "guest", "--network", "container:host", ...sleeping]);
  await root.ok(["run", "-d", "--name", "second", "--network", "container:guest", ...sleeping]);
  await inside(root, "guest", "sh", "-c", "echo '192.0.2.9 mine' >> /etc/hosts");
  const before = await inside(root, "guest", "cat", "/etc/hosts");
  await root.ok(["network", "connect", "--ip", "10.82.1.45", "middle", "host"]);
  for (const name of ["host", "guest", "second"])
    t.match(await inside(root, name, "cat", "/etc/hosts"), "\n10.82.1.45\thost-name\nfd82:1::", name);
  await root.ok(["network", "disconnect", "middle", "host"]);
  t.equal(await inside(root, "guest", "cat", "/etc/hosts"), before, "its own line stays");
  t.notMatch(await inside(root, "second", "cat", "/etc/hosts"), "10.82.1.45");
});

scenario("those that do not run are on it from their next start on", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "idle", "hosts", "guest");
  await root.ok(["create", "--name", "idle", "--network", "zeta", ...sleeping]);
  await root.ok(["network", "connect", "--ip", "10.82.2.50", "another", "idle"]);
  t.equal(leasesOf(root, "another").length, 0, "until then the address is anyone's");
  await root.ok(["start", "idle"]);
  t.match(await inside(root, "idle", "ip", "addr"), /eth1[\s\S]*10\.82\.2\.50/);
  await root.ok(["stop", "-t", "0", "idle"]);
  await root.ok(["network", "disconnect", "zeta", "idle"]);
  await root.ok(["start", "idle"]);
  t.match(await inside(root, "idle", "ip", "addr"), /eth0[\s\S]*10\.82\.2\.50/);
  t.equal(await root.ok(["ps", "-f", "network=zeta", "-f", "name=idle", "-q"]), "");

  const refused = async (...words: readonly string[]) => {
    const { code, stderr } = await root.tsns(["network", ...words]);
    t.equal(code, 1, words.join(" "));
    return stderr;
  };
  await root.ok(["run", "-d", "--name", "hosts", "--network", "host", ...sleeping]);
  await root.ok(["run", "-d", "--name", "guest", "--network", "container:idle", ...sleeping]);
  t.match(await refused("connect", "zeta", "hosts"), "cannot be disconnected from host network or connected to host network");
  t.match(await refused("connect", "zeta", "guest"), "container sharing network namespace with another container or host");
  t.match(await refused("connect", "host", "idle"), "cannot be disconnected from host network or connected to host network");
  t.match(await refused("connect", "none", "idle"), "one of the networks in private (none) mode");
  t.match(await refused("connect", "nowhere", "idle"), "network nowhere not found");
  t.match(await refused("disconnect", "nowhere", "idle"), "network nowhere not found");
  t.match(await refused("connect", "zeta", "nobody"), "No such container: nobody");
  t.match(await refused("connect", "--ip", "10.82.9.9", "zeta", "idle"), "It does not belong to any of this network's subnets");
  t.match(await refused("disconnect", "-f", "zeta", "idle"), "container idle is not connected to network zeta");
  const inUse = await refused("rm", "another");
  t.match(inUse, 'network another has active endpoints (name:"idle"');
});
