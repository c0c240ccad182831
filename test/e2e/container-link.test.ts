// Names, links, exposed ports, hardware and fixed addresses of containers through the shipped command.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { image, makeBusyboxRoot, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();
const sleeping = [image, "sleep", "1000"];

scenario("a link: hosts entry, environment, its refusals and its removal", async (t, root) => {
  await root.ok(["run", "-d", "--name", "db", "--expose", "90", "--expose", "80-81/tcp", "-e", "KEY=value", ...sleeping]);
  const address = await root.ok(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", "db"]);
  const id = (await root.ok(["inspect", "-f", "{{.Id}}", "db"])).slice(0, 12);
  await root.ok(["run", "-d", "--name", "web", "--link", "db:my-db", "-e", "MY_DB_ENV_KEY=own", ...sleeping]);
  const hosts = await root.ok(["exec", "web", "cat", "/etc/hosts"]);
  t.match(hosts, `${address}\tmy-db ${id} db\n`);
  const env = (await root.ok(["exec", "web", "env"])).split("\n");
  for (const line of [
    `MY_DB_PORT=tcp://${address}:80`,
    `MY_DB_PORT_80_TCP_START=tcp://${address}:80`,
    "MY_DB_PORT_80_TCP_PORT_END=81",
    `MY_DB_PORT_90_TCP=tcp://${address}:90`,
    `MY_DB_PORT_90_TCP_ADDR=${address}`,
    "MY_DB_PORT_90_TCP_PROTO=tcp",
    "MY_DB_NAME=/web/my-db",
    "MY_DB_ENV_KEY=own",
  ])
    t.ok(env.includes(line), line);
  t.equal(await root.ok(["inspect", "-f", "{{json .HostConfig.Links}}", "web"]), '["/db:/web/my-db"]');
  await root.ok(["exec", "web", "ping", "-c", "1", "-W", "10", "my-db"]);

  await root.ok(["stop", "-t", "0", "db"]);
  await root.ok(["run", "-d", "--name", "other", ...sleeping]);
  await root.ok(["start", "db"]);
  const moved = await root.ok(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", "db"]);
  t.not(moved, address, "started again it has another address");
  t.match(await root.ok(["exec", "web", "cat", "/etc/hosts"]), `${moved}\tmy-db ${id} db\n`, "which the other one learns");
  await root.ok(["stop", "-t", "0", "db", "web"]);
  const stopped = await root.tsns(["start", "web"]);
  t.match(stopped.stderr, "Cannot link to a non running container: /db AS /web/my-db");
  t.match((await root.tsns(["rm", "-l", "web"])).stderr, "Conflict, cannot remove the default link name of the container");
  t.match((await root.tsns(["rm", "-l", "/web/other"])).stderr, "web has no link other");
  t.match(await root.tsns(["rm", "-fl", "web/other", "nobody/at"]), { code: 0, stdout: "", stderr: /no link other\n.*: nobody\n/ }, "-f");
  t.match(await root.tsns(["rm", "-fl", "web"]), { code: 1, stderr: /Conflict/ });
  await root.ok(["rm", "-l", "/web/my-db"]);
  t.equal(await root.ok(["inspect", "-f", "{{json .HostConfig.Links}}", "web"]), "null");
  await root.ok(["rm", "db", "web"]);
  const missing = await root.tsns(["run", "--rm", "--link", "nobody", image, "true"]);
  t.equal(missing.code, 125);
  t.match(missing.stderr, "No such container: nobody");
});

scenario("a link on a network of its own: the name server knows it; nobody of it is on the default network", async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "--subnet", "10.82.41.0/24", "linked"]);
  const drawn = () => root.ok(["network", "inspect", "-f", "{{json .IPAM.Config}} {{json .Options}}", "bridge"]);
  const before = await drawn();
  t.match(before, /^\[\{"Subnet":"10\.\d+\.\d+\.0\/20","Gateway":"10\.\d+\.\d+\.1"\}\] \{"com\.docker\.network\.bridge\.name":"tsns-/);
  t.match(await root.tsns(["network", "rm", "bridge"]), { code: 1, stderr: /bridge is a pre-defined network and cannot be removed/ });
  await root.ok(["run", "-d", "--name", "sql", "--network", "linked", ...sleeping]);
  await root.ok(["run", "-d", "--name", "app", "--network", "linked", "--link", "sql:store", ...sleeping]);
  const ask = (name: string) => root.tsns(["exec", "app", "nslookup", name]);
  t.match((await ask("store")).stdout, "10.82.41.2");
  t.not((await root.tsns(["exec", "sql", "nslookup", "store"])).code, 0, "nobody else does");
  t.equal(await root.ok(["inspect", "-f", "{{json .NetworkSettings.Networks.linked.Links}}", "app"]), '["sql:store"]');
  t.equal(await root.ok(["network", "inspect", "-f", "{{len .Containers}}", "bridge"]), "0");
  t.equal(await root.ok(["network", "inspect", "-f", "{{len .Containers}}", "linked"]), "2");
  await root.ok(["run", "-d", "--name", "guest", "--network", "container:app", ...sleeping]);
  t.match(await root.ok(["rm", "--dry-run", "--explain", "--link", "app/store"]), /store is no name in the container's \/etc\/hosts/);
  await root.ok(["rm", "--link", "app/store"]);
  t.not((await ask("store")).code, 0, "removed at once");
  t.match((await ask("sql")).stdout, "10.82.41.2", "its own name stays");
  for (const name of ["app", "guest"]) t.notMatch(await root.ok(["exec", name, "cat", "/etc/hosts"]), "store", name);
  await root.ok(["network", "create", "--subnet", "10.82.42.0/24", "joined"]);
  for (const name of ["sql", "app"])
    await root.ok(["network", "connect", ...(name === "app" ? ["--link", "sql:late"] : []), "joined", name]);
  t.match((await ask("late")).stdout, "10.82.42.2");
  await root.ok(["rm", "--link", "app/late"]);
  t.not((await ask("late")).code, 0, "one of network connect, too");
  await root.ok(["rm", "-f", "guest"]);
  await root.ok(["rm", "-f", "sql", "app"]);
  await root.ok(["run", "--rm", image, "true"]);
  t.equal(await drawn(), before, "what was told of the default network before it was made");
  await root.ok(["network", "rm", "linked", "joined"]);
});

scenario("names: --add-host, --dns, and what a container says of itself", async (t, root) => {
  const options = ["--add-host", "one:192.0.2.1", "--add-host", "six=[2001:db8::1]", "--add-host", "gw:host-gateway"];
  const dns = ["--dns", "192.0.2.53", "--dns-search", "example.test", "--dns-opt", "ndots:3", "--dns-option", "rotate"];
  const said = await root.ok(["run", "--rm", ...options, ...dns, image, "sh", "-c", "cat /etc/hosts /etc/resolv.conf; ip route"]);
  t.match(said, "192.0.2.1\tone\n");
  t.match(said, "2001:db8::1\tsix\n");
  const gateway = said.match(/default via (\S+)/)?.[1] ?? "none";
  t.match(said, `${gateway}\tgw\n`);
  t.match(said, "nameserver 192.0.2.53\nsearch example.test\noptions ndots:3 rotate\n");
  const shared = await root.ok([
    "run",
    "--rm",
    "--network",
    "host",
    "--add-host",
    "one:192.0.2.1",
    ...dns,
    image,
    "cat",
    "/etc/hosts",
    "/etc/resolv.conf",
  ]);
  t.match(shared, "192.0.2.1\tone\n");
  t.match(shared, "nameserver 192.0.2.53\n");
  await root.ok(["create", "--name", "named", ...options, ...dns, image, "true"]);
  const format = "{{json .HostConfig.ExtraHosts}} {{json .HostConfig.Dns}} {{json .HostConfig.DnsSearch}} {{json .HostConfig.DnsOptions}}";
  t.equal(
    await root.ok(["inspect", "-f", format, "named"]),
    '["one:192.0.2.1","six:2001:db8::1","gw:host-gateway"] ["192.0.2.53"] ["example.test"] ["ndots:3","rotate"]',
  );
});

scenario("exposed ports are shown, and published with -P", async (t, root) => {
  await root.ok(["run", "-d", "--name", "open", "--expose", "8000-8001", "--expose", "53/udp", "-p", "127.0.0.1::8001", "-P", ...sleeping]);
  const config = await root.ok(["inspect", "-f", "{{json .Config.ExposedPorts}}", "open"]);
  t.equal(config, '{"53/udp":{},"8000/tcp":{},"8001/tcp":{}}');
  const ports = await root.ok(["port", "open"]);
  for (const line of [/^8001\/tcp -> 127\.0\.0\.1:\d+$/m, /^53\/udp -> 0\.0\.0\.0:\d+$/m, /^8000\/tcp -> 0\.0\.0\.0:\d+$/m])
    t.match(ports, line);
  await root.ok(["run", "-d", "--name", "shut", "--expose", "8000", ...sleeping]);
  t.equal(await root.ok(["inspect", "-f", "{{json .NetworkSettings.Ports}}", "shut"]), '{"8000/tcp":null}');
  t.equal(await root.ok(["ps", "--filter", "name=shut", "--format", "{{.Ports}}"]), "8000/tcp");
});

scenario("--mac-address, --ip and the long form of --network", async (t, root) => {
  const mac = "02:42:0a:00:00:09";
  t.match(await root.ok(["run", "--rm", "--mac-address", mac, image, "ip", "link", "show", "eth0"]), mac);
  await root.ok(["network", "create", "--subnet", "10.231.7.0/24", "fixed"]);
  await root.ok(["run", "-d", "--name", "at", "--network", `name=fixed,ip=10.231.7.77,mac-address=${mac}`, ...sleeping]);
  t.match(await root.ok(["exec", "at", "ip", "addr", "show", "eth0"]), /inet 10\.231\.7\.77\/24/);
  t.equal(
    await root.ok(["inspect", "-f", "{{with .NetworkSettings.Networks.fixed}}{{.MacAddress}} {{.IPAMConfig.IPv4Address}}{{end}}", "at"]),
    `${mac} 10.231.7.77`,
  );
  const refused = async (options: readonly string[]) => {
    const { code, stderr } = await root.tsns(["run", "--rm", ...options, image, "true"]);
    t.equal(code, 125, options.join(" "));
    return stderr;
  };
  t.match(await refused(["--network", "fixed", "--ip", "10.231.7.77"]), "Address already in use");
  t.match(await refused(["--network", "fixed", "--ip", "10.9.9.9"]), "It does not belong to any of this network's subnets");
  t.match(await refused(["--ip", "10.9.9.9"]), "user specified IP address is supported on user defined networks only");
  t.match(await refused(["--network", "name=fixed,ip=10.231.7.8", "--ip", "10.231.7.9"]), "cannot specify both --ip and per-network");
  t.match(await refused(["--network", "ip=10.231.7.8"]), "network name/id is not specified");
  t.match(await refused(["--network-alias", "x"]), "network-scoped alias is supported only for containers in user defined networks");
  t.match(await refused(["--network", "fixed", "--network", "bridge"]), "cannot attach both user-defined and non-user-defined");
  t.match(await refused(["--network", "fixed", "--network", "name=fixed,ip=10.231.7.8"]), 'network "fixed" is specified multiple times');
});

t.test("all that is wrong with names is told at once", async (t) => {
  const { makeRoot } = await import("../fixture/data-root.ts");
  const root = makeRoot(t);
  const wrong = [
    "--add-host",
    "foo",
    "--dns",
    "foo",
    "--expose",
    "foo",
    "--mac-address",
    "foo",
    "--ip6",
    "::1",
    "--link-local-ip",
    "1.1.1.1",
    "--link",
    "a:b:c",
  ];
  const { code, stderr } = await root.tsns(["run", "--network", "none", ...wrong, "--network-alias", "x", image]);
  t.equal(code, 125);
  for (const part of [
    'bad format for add-host: "foo"',
    "IP address is not correctly formatted: foo",
    "invalid range format for --expose: foo",
    "foo is not a valid mac address",
    "invalid link-local IP address: 1.1.1.1",
    "bad format for links: a:b:c",
    "network-scoped alias is supported only for containers in user defined networks",
  ])
    t.match(stderr, part);
  const joined = await root.tsns([
    "run",
    "--network",
    "container:x",
    "--add-host",
    "a:1.1.1.1",
    "--dns",
    "1.1.1.1",
    "-p",
    "80",
    "--mac-address",
    "02:00:00:00:00:01",
    "--link",
    "x",
    image,
  ]);
  for (const part of [
    "custom host-to-IP mapping and the network mode",
    "dns and the network mode",
    "port publishing and the container type network mode",
    "mac-address and the network mode",
    "container type network can't be used with links",
  ])
    t.match(joined.stderr, part);
});
