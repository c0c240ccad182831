// Published ports through the shipped command: who reaches them by which address, who must not, and when they are free again.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { rowsOf } from "./fault-lab.ts";
import { addressOf, allRules, ask, askFrom, askFromInVain, askInVain, hostPort, makeBox, openNeighbour, serve, sh } from "./network-lab.ts";

t.test("who reaches a published port", needRoot, async (t) => {
  const root = await makeBox(t);
  const neighbour = openNeighbour(t);
  const web = await serve(root, "web", ["-p", "8080:80", "-p", "127.0.0.1:8081:81", "-p", "5300:53/udp", "-p", `${neighbour.own}:8082:80`]);
  const peer = await serve(root, "peer");
  const gateway = sh("ip -o -4 addr show").match(/(\S+)\/\d+ .*tsns-/)?.[1] ?? "";
  const from = (host: string, port: number, protocol: "tcp" | "udp" = "tcp") => ask(protocol, host, port, neighbour.within);
  const fromInVain = (host: string, port: number) => askInVain("tcp", host, port, neighbour.within);

  t.match(await ask("tcp", "127.0.0.1", 8080), /^web /, "the host by 127.0.0.1");
  t.match(await ask("tcp", neighbour.own, 8080), /^web /, "the host by its own address");
  t.match(await ask("tcp", gateway, 8080), /^web /, "the host by the gateway's address");
  t.match(await ask("tcp", web, 80), /^web /, "the host by the container's address");
  t.match(await ask("tcp", "127.0.0.1", 8081), /^web /, "a port on 127.0.0.1 from the host");
  t.equal(await askInVain("tcp", neighbour.own, 8081), "", "a port on 127.0.0.1 not by another address");
  t.match(await ask("udp", "127.0.0.1", 5300), /^web /, "udp from the host by 127.0.0.1");
  t.match(await ask("udp", neighbour.own, 5300), /^web /, "udp from the host by its own address");

  t.equal(await from(neighbour.own, 8080), `web ${neighbour.address}`, "a neighbour, whose address the container sees");
  t.equal(await from(neighbour.own, 8082), `web ${neighbour.address}`, "a neighbour by the one address it is published on");
  t.equal(await fromInVain(gateway, 8082), "", "not by another address");
  t.equal(await fromInVain(neighbour.own, 8081), "", "a port on 127.0.0.1 is not the neighbour's");
  t.equal(await from(neighbour.own, 5300, "udp"), `web ${neighbour.address}`, "udp from a neighbour");
  t.equal(await fromInVain(web, 81), "", "a port that is not published is not the neighbour's, though it routes there");

  t.match(await askFrom(root, "peer", "tcp", web, 80), `web ${peer}`, "another container directly");
  t.match(await askFrom(root, "peer", "tcp", neighbour.own, 8080), /^web /, "another container by the host's address");
  t.match(await askFrom(root, "peer", "tcp", gateway, 8080), /^web /, "another container by the gateway");
  t.match(await askFrom(root, "peer", "udp", neighbour.own, 5300), /^web /, "udp from another container");
  t.match(await askFrom(root, "web", "tcp", neighbour.own, 8080), /^web /, "the container itself by the host's address");
  t.match(await askFrom(root, "web", "tcp", gateway, 8080), /^web /, "the container itself by the gateway");
  t.equal(await askFromInVain(root, "peer", "tcp", "127.0.0.1", 8080), "", "a container's 127.0.0.1 is its own");

  t.test("a way in behind 127.0.0.1 by a neighbour who routes it here", async (t) => {
    sh(
      `${neighbour.within.join(" ")} sh -c 'ip route add 127.0.0.0/8 via 10.99.0.1 table 9; ip rule add to 127.0.0.1 table 9 pref 1; sysctl -qw net.ipv4.conf.all.route_localnet=1'`,
    );
    t.equal(await fromInVain("127.0.0.1", 8081), "");
  });
});

t.test("ports are chosen, told, and free after the end", needRoot, async (t) => {
  const root = await makeBox(t);
  await serve(root, "web", ["-p", "80", "-p", "127.0.0.1::81", "-p", "7000-7003:53/udp"]);
  const [first, second, third] = [
    await hostPort(root, "web", "80"),
    await hostPort(root, "web", "81/tcp"),
    await hostPort(root, "web", "53/udp"),
  ];
  t.equal(new Set([first, second]).size, 2);
  t.match(await root.ok(["port", "web"]).then((text) => text.split("\n").sort()), [
    `53/udp -> 0.0.0.0:${third}`,
    `53/udp -> [::]:${third}`,
    `80/tcp -> 0.0.0.0:${first}`,
    `80/tcp -> [::]:${first}`,
    `81/tcp -> 127.0.0.1:${second}`,
  ]);
  t.ok(third >= 7000 && third <= 7003, "one of the range");
  t.match(await root.ok(["ps", "--format", "{{.Ports}}"]), new RegExp(`0\\.0\\.0\\.0:${first}->80/tcp`));
  t.match(await ask("tcp", "127.0.0.1", first), /^web /);
  t.match(await ask("tcp", "127.0.0.1", second), /^web /);
  t.match(await ask("udp", "127.0.0.1", third), /^web /);
  const taken = await root.tsns(["run", "--rm", "-p", `${first}:80`, "box", "true"]);
  t.match(taken, { code: 125, stderr: new RegExp(`^tsns: host port 0\\.0\\.0\\.0:${first}/tcp is already in use by container web \\(`) });
  await root.ok(["stop", "-t", "0", "web"]);
  t.same(rowsOf(root, "port_lease"), []);
  t.same(
    allRules().filter((line) => line.includes("--to-destination")),
    [],
  );
  t.equal(await askInVain("tcp", "127.0.0.1", first), "", "nobody answers after the stop");
  t.equal(await root.ok(["run", "--rm", "-p", `${first}:80`, "box", "echo", "free"]), "free");
  await root.ok(["start", "web"]);
  const again = await hostPort(root, "web", "80");
  await waitFor("an answer after the restart", async () => /^web /.test(await ask("tcp", "127.0.0.1", again)));
});

t.test("another container's network", needRoot, async (t) => {
  const root = await makeBox(t);
  const web = await serve(root, "web", ["-p", "8080:80", "--hostname", "webhost"]);
  const joined = (args: readonly string[]) => root.ok(["run", "--rm", "--network", "container:web", "box", ...args]);
  t.match(await joined(["ip", "-4", "addr", "show", "eth0"]), web);
  t.equal(await joined(["nc", "-w", "10", "127.0.0.1", "80"]), "web 127.0.0.1", "its 127.0.0.1 is the other's");
  t.equal(await joined(["cat", "/etc/hosts"]), await root.ok(["exec", "web", "cat", "/etc/hosts"]));
  t.equal(await joined(["cat", "/etc/hostname"]), "webhost");
  const both = await root.tsns(["run", "--rm", "--network", "container:web", "-p", "1:1", "box", "true"]);
  t.equal(both.code, 125, "ports are published by the other");
  t.match(both.stderr, /^tsns: [^\n]+\n$/);
  await root.ok(["stop", "-t", "0", "web"]);
  t.match(await root.tsns(["run", "--rm", "--network", "container:web", "box", "true"]), { code: 125, stderr: /web: it is not running/ });
  t.match(await root.tsns(["run", "--rm", "--network", "container:nobody", "box", "true"]), {
    code: 125,
    stderr: /No such container: nobody/,
  });
});

t.test("hosts, hostname and resolv.conf", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["run", "-d", "--name", "one", "--hostname", "own.example", "box", "sleep", "100000"]);
  const address = await addressOf(root, "one");
  const read = (path: string) => root.ok(["exec", "one", "cat", path]);
  t.match((await read("/etc/hosts")).split("\n"), ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]);
  t.ok((await read("/etc/hosts")).split("\n").some((line) => /^\S+\s+own\.example/.test(line) && line.startsWith(address)));
  t.equal(await read("/etc/hostname"), "own.example");
  t.equal(await root.ok(["exec", "one", "hostname"]), "own.example");
  const servers = (await read("/etc/resolv.conf")).split("\n").filter((line) => line.startsWith("nameserver"));
  t.ok(servers.length > 0, "there is a name server");
  t.notOk(
    servers.some((line) => / 127\./.test(line)),
    "none that only the host reaches",
  );
  t.equal(
    await root.ok(["run", "--rm", "--network", "none", "box", "ip", "-o", "link"]).then((text) => text.split("\n").length),
    1,
    "none has loopback only",
  );
  t.equal(await root.ok(["run", "--rm", "--network", "host", "box", "cat", "/etc/hosts"]), sh("cat /etc/hosts").replace(/\n$/, ""));
});
