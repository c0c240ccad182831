// Containers on several networks of both families from their start on: links, addresses, default routes, names for them, and where their ports are.
import "../fixture/fresh-namespaces.ts";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { rowsOf } from "./fault-lab.ts";
import { allRules } from "./network-lab.ts";

const scenario = sharingRoot();
const sleeping = [image, "sleep", "100000"];

async function makeNetworks(root: DataRoot): Promise<void> {
  if ((await root.ok(["network", "ls", "-q", "-f", "name=front"])) !== "") return;
  await root.ok(["network", "create", "--subnet", "10.81.1.0/24", "--subnet", "fd81:1::/64", "front"]);
  await root.ok(["network", "create", "--subnet", "10.81.2.0/24", "back"]);
  await root.ok(["network", "create", "--subnet", "10.81.3.0/24", "--internal", "alone"]);
}

const inside = (root: DataRoot, name: string, ...words: readonly string[]) => root.ok(["exec", name, ...words]);
const gone = (t: Test, root: DataRoot, ...names: readonly string[]) => t.teardown(() => root.tsns(["rm", "-f", ...names]));

scenario("two networks: two links, one way out per family", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "one", "two");
  const asked = ["--network", "name=front,ip=10.81.1.9,ip6=fd81:1::99,alias=uno,mac-address=02:42:00:00:00:09", "--network", "back"];
  await root.ok(["run", "-d", "--name", "one", ...asked, ...sleeping]);
  await root.ok(["run", "-d", "--name", "two", "--network", "front", ...sleeping]);
  const links = await inside(root, "one", "ip", "addr");
  t.match(links, /eth0.*\n.*02:42:00:00:00:09[\s\S]*inet 10\.81\.1\.9\/24[\s\S]*inet6 fd81:1::99\/64/);
  t.match(links, /eth1[\s\S]*inet 10\.81\.2\.2\/24/);
  t.notMatch(links.slice(links.indexOf("eth1")), "inet6", "a network without IPv6 has none at all");
  t.match(await inside(root, "one", "ip", "route"), /default via 10\.81\.2\.1 dev eth1/, "back is the first by name");
  t.match(await inside(root, "one", "ip", "-6", "route"), /default via fd81:1::1 dev eth0/, "and front the one with IPv6");
  t.match(await inside(root, "one", "cat", "/etc/hosts"), /10\.81\.1\.9\t\w+\nfd81:1::99\t\w+\n10\.81\.2\.2\t/);
  await inside(root, "two", "ping", "-c1", "-w3", "10.81.1.9");
  await inside(root, "two", "ping", "-6", "-c1", "-w3", "fd81:1::99");
  await inside(root, "two", "ping", "-6", "-c1", "-w3", "fd81:1::1");
  t.not((await root.tsns(["exec", "two", "ping", "-c1", "-w1", "10.81.2.2"])).code, 0, "not by the network it is not on");
  const [seen] = JSON.parse(await root.ok(["inspect", "one"]));
  t.match(seen.NetworkSettings.Networks, {
    front: {
      IPAMConfig: { IPv4Address: "10.81.1.9", IPv6Address: "fd81:1::99" },
      Aliases: ["uno"],
      IPAddress: "10.81.1.9",
      GlobalIPv6Address: "fd81:1::99",
      GlobalIPv6PrefixLen: 64,
      IPv6Gateway: "fd81:1::1",
      MacAddress: "02:42:00:00:00:09",
      DNSNames: ["one", "uno", seen.Id.slice(0, 12)],
    },
    back: { IPAMConfig: null, Aliases: null, IPAddress: "10.81.2.2", GlobalIPv6Address: "", IPv6Gateway: "" },
  });
  const [front, back] = [seen.NetworkSettings.Networks.front, seen.NetworkSettings.Networks.back];
  t.match(front.EndpointID, /^[0-9a-f]{64}$/);
  t.not(front.EndpointID, back.EndpointID);
  t.match(await root.ok(["ps", "-f", "network=back", "--format", "{{.Names}}"]), "one");
  const names = rowsOf(root, "address_lease").map(({ address, names }) => `${address} ${names}`);
  t.ok(names.includes(`fd81:1::99 one uno ${seen.Id.slice(0, 12)}`), "the name server reads them there");
  await root.ok(["rename", "one", "uno-renamed"]);
  t.match(
    rowsOf(root, "address_lease")
      .map(({ names }) => names)
      .join("\n"),
    "uno-renamed uno",
  );
  await root.ok(["rename", "uno-renamed", "one"]);
});

scenario("gw-priority, link-local addresses, the link's name; a user namespace", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "set");
  const data =
    "name=front,gw-priority=7,link-local-ip=169.254.7.7,link-local-ip=fe80::77,driver-opt=com.docker.network.endpoint.ifname=data";
  await root.ok(["run", "-d", "--name", "set", "--userns", "private", "--network", data, "--network", "back", ...sleeping]);
  const links = await inside(root, "set", "ip", "addr");
  t.match(links, /data@[\s\S]*169\.254\.7\.7\/16[\s\S]*fe80::77\/64/);
  t.match(links, /eth0@[\s\S]*10\.81\.2\./);
  t.match(await inside(root, "set", "ip", "route"), /default via 10\.81\.1\.1 dev data/);
  const run = await root.ok(["inspect", "--as", "run", "set"]);
  t.match(run, `--network ${data.replace(/gw-priority=7,(.*),driver/, "$1,gw-priority=7,driver")}`);
  t.match(await root.ok(["inspect", "--as", "compose", "set"]), /front:\n\s+link_local_ips:\n\s+- "169\.254\.7\.7"\n[\s\S]*gw_priority: 7/);
});

scenario("ports are where the way out is; an internal network has neither", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "web", "shut");
  await root.ok([
    "run",
    "-d",
    "--name",
    "web",
    "--network",
    "alone",
    "--network",
    "front",
    "-p",
    "8085:80",
    image,
    "httpd",
    "-f",
    "-p",
    "80",
  ]);
  t.equal(await root.ok(["port", "web"]), "80/tcp -> 0.0.0.0:8085\n80/tcp -> [::]:8085");
  t.match(await inside(root, "web", "ip", "route"), /default via 10\.81\.1\.1 dev eth1/);
  t.match(allRules().join("\n"), /--dport 8085 .*--to-destination 10\.81\.1\./);
  const shut = await root.tsns(["run", "-d", "--name", "shut", "--network", "alone", "-p", "8086:80", ...sleeping]);
  t.match(shut.stderr, "network alone is internal: no port is published");
  t.notMatch(await inside(root, "shut", "ip", "route"), "default");
});

scenario("networks may be given by their ids", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "byid");
  const [front, back] = await Promise.all(["front", "back"].map((name) => root.ok(["network", "ls", "-q", "-f", `name=${name}`])));
  await root.ok(["run", "-d", "--name", "byid", "--network", `name=${front},alias=x`, ...sleeping]);
  await root.ok(["network", "connect", `${back}`, "byid"]);
  t.equal(await root.ok(["inspect", "-f", "{{range $name, $place := .NetworkSettings.Networks}}{{$name}} {{end}}", "byid"]), "back front ");
  t.match(rowsOf(root, "address_lease").find(({ names }) => `${names}`.startsWith("byid x "))?.network, "front");
  await root.ok(["network", "disconnect", "front", "byid"]);
  await root.ok(["network", "disconnect", `${back}`, "byid"]);
});

scenario("on the default network the host has its names in /etc/hosts", async (t, root) => {
  const hosts = await root.ok(["run", "--rm", image, "cat", "/etc/hosts"]);
  const [, gateway] = /^(\S+)\thost\.docker\.internal host\.tsns\.internal$/m.exec(hosts) ?? [];
  t.match(await root.ok(["run", "--rm", image, "ip", "route"]), `default via ${gateway}`);
  const own = await root.ok(["run", "--rm", "--add-host", "host.docker.internal:10.9.9.9", image, "cat", "/etc/hosts"]);
  t.match(own, /10\.9\.9\.9\thost\.docker\.internal\n\S+\thost\.tsns\.internal/);
});

scenario("a restart has its addresses and ports again; what is wrong is told before anything is made", async (t, root) => {
  await makeNetworks(root);
  gone(t, root, "again");
  await root.ok(["run", "-d", "--name", "again", "--network", "front", "--network", "back", ...sleeping]);
  await root.ok(["restart", "-t", "0", "again"]);
  t.match(await inside(root, "again", "ip", "addr"), /eth0[\s\S]*eth1/);
  const refused = async (...options: readonly string[]) => {
    const { code, stderr } = await root.tsns(["run", "--name", "never", ...options, image, "true"]);
    t.equal(code, 125, options.join(" "));
    return stderr;
  };
  t.match(await refused("--network", "front", "--ip6", "fd99::1"), "It does not belong to any of this network's subnets");
  t.match(await refused("--network", "back", "--ip6", "fd81:1::5"), "It does not belong to any of this network's subnets");
  t.match(await refused("--network", "front", "--ip6", "10.81.1.3"), "invalid IPv6 address: 10.81.1.3");
  t.match(await refused("--network", "front", "--ip", "10.81.1.1"), "Address already in use: 10.81.1.1 is its gateway");
  t.match(await refused("--network", "front", "--network", "nowhere"), "network nowhere not found");
  t.match(await refused("--network", "name=front,gw-priority=x"), '"x" is not a whole number');
  t.match(await refused("--network", "name=front,driver-opt=a=b"), "driver option a is not known");
  t.match(await refused("--network", "name=front,ip=10.81.1.7", "--ip", "10.81.1.8"), "cannot specify both --ip and per-network");
  t.not((await root.tsns(["inspect", "never"])).code, 0);
  const [holder] = rowsOf(root, "address_lease").filter(({ network, address }) => network === "front" && !`${address}`.includes(":"));
  t.match(await refused("--network", "front", "--ip", `${holder?.address}`), "Address already in use: ");
});
