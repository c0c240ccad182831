// Ports published while a container runs: who reaches them, where they are shown, and that nothing of them outlives it.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { rowsOf } from "./fault-lab.ts";
import { allRules, ask, askFrom, askInVain, makeBox, openNeighbour, serve, sh } from "./network-lab.ts";

t.test("a port of a running container comes and goes", needRoot, async (t) => {
  const root = await makeBox(t);
  const neighbour = openNeighbour(t);
  await serve(root, "web");
  await serve(root, "peer");
  const before = allRules().join("\n");
  t.equal(
    await root.ok(["port", "add", "web", "8080:80", "127.0.0.1:8081:81", "5300:53/udp"]),
    "80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n81/tcp -> 127.0.0.1:8081\n53/udp -> 0.0.0.0:5300\n53/udp -> [::]:5300",
  );
  t.match(await ask("tcp", "127.0.0.1", 8080), /^web /, "the host");
  t.match(await ask("udp", "127.0.0.1", 5300), /^web /, "udp");
  t.match(await ask("tcp", "::1", 8080), /^web /, "the host by IPv6, which the container has not");
  t.match(await ask("udp", "::1", 5300), /^web /, "udp by IPv6");
  t.equal(await ask("tcp", neighbour.own, 8080, neighbour.within), `web ${neighbour.address}`, "a neighbour");
  t.equal(await askInVain("tcp", neighbour.own, 8081, neighbour.within), "", "not what is on 127.0.0.1");
  t.match(await askFrom(root, "peer", "tcp", neighbour.own, 8080), /^web /, "another container");
  t.match(await askFrom(root, "web", "tcp", neighbour.own, 8080), /^web /, "itself, by the host's address");
  t.match(await root.ok(["port", "web", "80"]), "0.0.0.0:8080");
  t.match(
    await root.ok(["inspect", "-f", "{{json .NetworkSettings.Ports}}", "web"]),
    '"81/tcp":[{"HostIp":"127.0.0.1","HostPort":"8081"}]',
  );
  t.match(await root.ok(["ps"]), "0.0.0.0:8080->80/tcp");

  const taken = await root.tsns(["port", "add", "peer", "8082:80", "8080:80"]);
  t.match(taken.stderr, "host port 0.0.0.0:8080/tcp is already in use by container web");
  t.equal(await root.ok(["port", "peer"]), "", "all or nothing");
  t.match((await root.tsns(["port", "rm", "web", "9:80"])).stderr, "no public port '9:80' published for web");
  t.match((await root.tsns(["port", "add", "web", "x"])).stderr, 'cannot publish "x"');
  t.match(await root.ok(["port", "add", "--dry-run", "web", "8099:80"]), "--dport 8099");
  t.equal(await askInVain("tcp", "127.0.0.1", 8099), "");

  await root.ok(["port", "rm", "web", "80", "53/udp"]);
  t.equal(await askInVain("tcp", "127.0.0.1", 8080), "", "gone");
  t.equal(await askInVain("tcp", "::1", 8080), "", "by IPv6 too");
  t.equal(sh("ip -6 address show dev lo").includes("fd74:736e:7301:"), false, "with it the relay's address");
  t.match(await ask("tcp", "127.0.0.1", 8081), /^web /, "the other stays");
  await root.ok(["port", "add", "peer", "8080:80"]);
  t.match(await ask("tcp", "127.0.0.1", 8080), /^peer /, "its host port is free again");

  await root.ok(["exec", "web", "/usr/bin/perl", "-e", "kill 9, 1"]).catch(() => {});
  await root.ok(["rm", "-f", "web", "peer"]);
  await waitFor("the rules to be as before", () => allRules().join("\n") === before || undefined);
  t.equal(rowsOf(root, "port_lease").length, 0, "no lease is left");
});

t.test("containers may be called like the words, and some can have no port", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["run", "-d", "--name", "add", "-p", "127.0.0.1:8091:80", "box", "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "lone", "--network", "none", "box", "sleep", "1000"]);
  await root.ok(["create", "--name", "idle", "box", "true"]);
  t.equal(await root.ok(["port", "add"]), "80/tcp -> 127.0.0.1:8091");
  t.equal(await root.ok(["port", "add", "80"]), "127.0.0.1:8091");
  t.equal(await root.ok(["port", "add", "add", "8092:80"]), "80/tcp -> 0.0.0.0:8092\n80/tcp -> [::]:8092");
  t.equal(await root.ok(["port", "rm", "add", "8092:80"]), "80/tcp -> 0.0.0.0:8092\n80/tcp -> [::]:8092");
  t.match(await root.ok(["port", "add", "--help"]), "Publish ports of a running container");
  t.match(await root.ok(["port", "--help"]), "List port mappings");
  t.match((await root.tsns(["port", "add", "lone", "80"])).stderr, "no port of lone can be published: it is on no network of its own");
  t.match((await root.tsns(["port", "add", "idle", "80"])).stderr, "is not running");
  t.match((await root.tsns(["port", "rm", "nobody", "80"])).stderr, "No such container: nobody");
});
