// Beside other software's networks and rules: nothing of theirs is touched, everything of ours goes when asked.
import "../fixture/fresh-namespaces.ts";
import { writeFileSync } from "node:fs";
import t from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { removeDefaultNetwork } from "../fixture/default-network.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { rowsOf } from "./fault-lab.ts";
import {
  addressOf,
  allRules,
  ask,
  askFromInVain,
  askInVain,
  bridgesOf,
  importBox,
  makeBox,
  openNeighbour,
  ownRules,
  serve,
  sh,
} from "./network-lab.ts";

t.test("only own chains are filled, and `network rm` takes every trace away", needRoot, async (t) => {
  const root = await makeBox(t);
  for (const program of ["iptables-nft", "iptables-legacy"]) {
    sh(
      `${program} -N OTHERS; ${program} -A OTHERS -p tcp --dport 9 -j DROP; ${program} -A FORWARD -j OTHERS; ${program} -t nat -A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE`,
    );
  }
  const before = ownRules();
  const links = bridgesOf();
  await serve(root, "web", ["-p", "8080:80"]);
  const added = ownRules().filter((line) => !before.includes(line));
  t.not(added.length, 0);
  t.same(
    added.filter(
      (line) =>
        !/ :TSNS-| -A TSNS-/.test(line) &&
        !/ -A (PREROUTING|OUTPUT|POSTROUTING|FORWARD) .*-m comment --comment "?tsns:\S+ -j TSNS-/.test(line),
    ),
    [],
    "others' chains get nothing but jumps to ours, with our name on them",
  );
  t.same(
    before.filter((line) => !ownRules().includes(line)),
    [],
    "nothing of others is gone",
  );
  t.match(await root.tsns(["network", "rm", "bridge"]), {
    code: 1,
    stderr: /^tsns: bridge is a pre-defined network and cannot be removed \(/,
  });
  const used = await root.tsns(["network", "rm", "--default", "bridge"]);
  t.match(used, { code: 1, stderr: /network bridge has active endpoints \(name:"web"/ });
  await root.ok(["rm", "-f", "web"]);
  await removeDefaultNetwork(root);
  t.same(ownRules(), before, "the rules of both back ends are what they were");
  t.same(bridgesOf(), links);
  t.match(await askInVain("tcp", "127.0.0.1", 8080), "");
  await serve(root, "again", ["-p", "8080:80"]);
  t.match(await ask("tcp", "127.0.0.1", 8080), /^again /, "it is made again at the next use");
});

t.test("two data roots at once", needRoot, async (t) => {
  const [one, two] = [await makeBox(t), await makeBox(t)];
  const [first, second] = await Promise.all([serve(one, "web", ["-p", "8081:80"]), serve(two, "web", ["-p", "8082:80"])]);
  t.equal(bridgesOf().length, 2, "each has its own bridge");
  t.not(first.split(".").slice(0, 3).join("."), second.split(".").slice(0, 3).join("."), "and its own subnet");
  t.match(await ask("tcp", "127.0.0.1", 8081), /^web /);
  t.match(await ask("tcp", "127.0.0.1", 8082), /^web /);
  t.equal(await askFromInVain(one, "web", "tcp", second, 80), "", "they do not reach each other's containers directly");
  await one.ok(["rm", "-f", "web"]);
  await removeDefaultNetwork(one);
  t.equal(bridgesOf().length, 1);
  t.match(await ask("tcp", "127.0.0.1", 8082), /^web /, "the other is as it was");
});

t.test("first runs at once make the network once", needRoot, async (t) => {
  const root = await makeBox(t);
  const names = ["one", "two", "three", "four", "five", "six"];
  await Promise.all(names.map((name) => root.ok(["run", "-d", "--name", name, "box", "sleep", "100000"])));
  t.equal(bridgesOf().length, 1);
  t.equal(rowsOf(root, "network").length, 1);
  const jumps = allRules().filter((line) => / -A FORWARD .*-j TSNS-/.test(line));
  t.equal(jumps.length, 1, "one jump, not one of each");
  const addresses = await Promise.all(names.map((name) => addressOf(root, name)));
  t.equal(new Set(addresses).size, names.length);
  t.match(await root.ok(["exec", "one", "ping", "-c1", "-W10", addresses[5] ?? ""]), /1 (packets )?received/);
});

t.test("a subnet that the host has a route to is not taken", needRoot, async (t) => {
  const root = await makeBox(t);
  sh("ip link add busy0 type veth peer name busy1 && ip link set busy1 up && ip addr add 10.66.0.1/16 dev busy0 && ip link set busy0 up");
  await root.ok(["run", "-d", "--name", "one", "box", "sleep", "100000"]);
  t.notMatch(await addressOf(root, "one"), /^10\.66\./);
});

t.test("a host that forwards nothing by policy, as docker leaves it, and podman's rules", needRoot, async (t) => {
  const root = await makeBox(t);
  const neighbour = openNeighbour(t);
  sh(`iptables -P FORWARD DROP; iptables -N CNI-FORWARD; iptables -I FORWARD -j CNI-FORWARD; iptables -A CNI-FORWARD -d 10.88.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    iptables -t nat -N CNI-HOSTPORT-DNAT; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT; iptables -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT`);
  const before = ownRules();
  await serve(root, "web", ["-p", "8080:80"]);
  t.equal(await ask("tcp", neighbour.own, 8080, neighbour.within), `web ${neighbour.address}`, "in");
  t.match(await root.ok(["exec", "web", "ping", "-c1", "-W10", neighbour.address]), /1 (packets )?received/, "out");
  await root.ok(["rm", "-f", "web"]);
  await removeDefaultNetwork(root);
  t.same(ownRules(), before);
});

t.test("beside a running docker", needRoot, async (t) => {
  const neighbour = openNeighbour(t);
  const { ok: docker, directory } = await startDocker(t, { networks: true });
  writeFileSync(`${directory}/image.tar`, makeBusyboxTar());
  await docker(["import", `${directory}/image.tar`, "box"]);
  const page = "mkdir /www; echo docker > /www/index.html; exec httpd -f -p 80 -h /www";
  await docker(["run", "-d", "--name", "theirs", "-p", "9090:80", "box", "sh", "-c", page]);
  const fetchTheirs = async () => (await fetch("http://127.0.0.1:9090/").catch(() => undefined))?.text();
  await waitFor("docker's container", async () => (await fetchTheirs()) === "docker\n");
  t.match(allRules().join("\n"), /:FORWARD DROP/, "docker forwards nothing by policy");
  const before = ownRules();

  const root = makeRoot(t);
  await importBox(root);
  await serve(root, "ours", ["-p", "9091:80"]);
  t.equal(await ask("tcp", neighbour.own, 9091, neighbour.within), `ours ${neighbour.address}`, "ours is reached from outside");
  t.match(await ask("tcp", "127.0.0.1", 9091), /^ours /, "and from the host");
  t.match(await root.ok(["exec", "ours", "ping", "-c1", "-W10", neighbour.address]), /1 (packets )?received/, "and reaches the outside");
  t.equal(await fetchTheirs(), "docker\n", "docker's container is reached as before");
  t.match(await docker(["exec", "theirs", "ping", "-c1", "-W10", neighbour.address]), /1 (packets )?received/);
  t.same(
    before.filter((line) => !ownRules().includes(line)),
    [],
    "docker's rules are untouched",
  );
  const taken = await root.tsns(["run", "--rm", "-p", "9090:80", "box", "true"]);
  t.match(
    taken,
    {
      code: 125,
      stderr:
        /^tsns: host port 0\.0\.0\.0:9090\/tcp is already in use by process docker-proxy \(pid \d+\) of docker container theirs [^\n]*\n$/,
    },
    "docker's port is taken",
  );
  const names = (text: string) => text.trim().split("\n");
  t.same(names(await root.ok(["who", "9090", "--format", "{{.Container}}"])), ["docker:theirs", "docker:theirs", "docker:theirs"]);
  t.match(await root.ok(["net", "show", "docker0"]), / docker:theirs /, "by what watches over it: its cgroup's name is nobody's");
  t.match(await root.ok(["net", "rules", "--owner", "theirs"]), /forward TCP port 9090 /);
  await docker(["run", "-d", "--name", "later", "-p", "9092:80", "box", "httpd", "-f", "-p", "80", "-h", "/"]);
  await root.ok(["rm", "-f", "ours"]);
  await removeDefaultNetwork(root);
  await docker(["rm", "-f", "later"]);
  t.same(ownRules().sort(), before.sort(), "what is left is docker's");
  t.equal(await fetchTheirs(), "docker\n");
  await docker(["rm", "-f", "theirs"]);
});
