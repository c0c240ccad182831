// Names as the processes of a container ask for them: resolv.conf, the relay of its monitor, the name server behind it; in containers of every kind.
import "../fixture/fresh-namespaces.ts";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";

const scenario = sharingRoot();
const sleeping = [image, "sleep", "100000"];

async function makeNetwork(root: DataRoot): Promise<void> {
  if ((await root.ok(["network", "ls", "-q", "-f", "name=named"])) !== "") return;
  await root.ok(["network", "create", "--subnet", "10.83.1.0/24", "--subnet", "fd83:1::/64", "named"]);
  await root.ok(["run", "-d", "--name", "target", "--network", "named", "--network-alias", "alias", ...sleeping]);
}

const resolvConf = (root: DataRoot, name: string) => root.ok(["exec", name, "cat", "/etc/resolv.conf"]);
const hears = (root: DataRoot, name: string, ...words: readonly string[]) => root.ok(["exec", name, "ping", "-c1", "-w5", ...words]);

scenario("by name and alias, both families, from any user of the container", async (t, root) => {
  await makeNetwork(root);
  t.teardown(() => root.tsns(["rm", "-f", "asker"]));
  await root.ok(["run", "-d", "--name", "asker", "--network", "named", "-u", "1000:1000", ...sleeping]);
  t.match(await resolvConf(root, "asker"), /^nameserver 127\.0\.0\.11\n(search .*\n)?options (.* )?ndots:0$/);
  t.match(await root.ok(["exec", "asker", "nslookup", "target"]), /Address: 10\.83\.1\.2/);
  t.match(await root.ok(["exec", "asker", "nslookup", "-type=aaaa", "alias"]), /Address: fd83:1::2/);
  await hears(root, "target", "asker");
});

scenario("with a user namespace, in the network of another, after a restart", async (t, root) => {
  await makeNetwork(root);
  t.teardown(() => root.tsns(["rm", "-f", "mapped"]));
  t.match(await root.ok(["run", "--rm", "--userns", "private", "--network", "named", image, "nslookup", "target"]), /10\.83\.1\.2/);
  await root.ok(["run", "-d", "--name", "mapped", "--userns", "private", "--network", "named", ...sleeping]);
  t.match(await root.ok(["run", "--rm", "--network", "container:mapped", image, "nslookup", "target"]), /10\.83\.1\.2/);
  await root.ok(["restart", "-t", "0", "mapped"]);
  t.match(await root.ok(["exec", "mapped", "nslookup", "target"]), /10\.83\.1\.2/);
});

scenario("one that runs gets names with its first network that has them", async (t, root) => {
  await makeNetwork(root);
  t.teardown(() => root.tsns(["rm", "-f", "guest", "late", "own", "mapped"]));
  await root.ok(["run", "-d", "--name", "late", ...sleeping]);
  await root.ok(["run", "-d", "--name", "guest", "--network", "container:late", ...sleeping]);
  t.notMatch(await resolvConf(root, "late"), "127.0.0.11");
  const shown = await root.ok(["network", "connect", "--dry-run", "--explain", "named", "late"]);
  t.match(shown, /names\.enable +its monitor passes what the container asks on to the name server\n +\$ printf '%s\\0' \d+ name-relay /);
  t.match(shown, /tsns-sandbox" names \S+\/attach/);
  await root.ok(["network", "connect", "named", "late"]);
  t.match(await resolvConf(root, "late"), /^nameserver 127\.0\.0\.11\n/);
  await hears(root, "late", "target");
  await hears(root, "guest", "target");
  await hears(root, "target", "late");
  await root.ok(["network", "disconnect", "named", "late"]);
  await root.ok(["network", "connect", "named", "late"]);
  await hears(root, "late", "target");

  await root.ok(["run", "-d", "--name", "own", ...sleeping]);
  await root.ok(["exec", "own", "sh", "-c", "echo nameserver 127.0.0.11 > /etc/resolv.conf"]);
  await root.ok(["network", "connect", "named", "own"]);
  t.equal(await resolvConf(root, "own"), "nameserver 127.0.0.11", "what the container wrote stays");
  await hears(root, "own", "target");

  await root.ok(["run", "-d", "--name", "mapped", "--userns", "private", ...sleeping]);
  await root.ok(["network", "connect", "named", "mapped"]);
  await hears(root, "mapped", "target");
});

scenario("a program that has the relay's port makes it fail, with nothing changed", async (t, root) => {
  await makeNetwork(root);
  t.teardown(() => root.tsns(["rm", "-f", "busy"]));
  await root.ok(["run", "-d", "--name", "busy", image, "nc", "-l", "-p", "61053"]);
  await root.ok(["exec", "busy", "sh", "-c", "until grep -q :EE7D /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done"]);
  const before = await resolvConf(root, "busy");
  const refused = await root.tsns(["network", "connect", "named", "busy"]);
  t.match([refused.code, refused.stderr], [1, /cannot answer names in the container: port 61053 of 127\.0\.0\.11 tcp is taken there/]);
  t.equal(await resolvConf(root, "busy"), before);
  t.notMatch(await root.ok(["exec", "busy", "ip", "link"]), "eth1");
});

scenario("a script of the start says that nobody answers names", async (t, root) => {
  await makeNetwork(root);
  const script = await root.ok(["run", "--dry-run", "--explain=sh", "--network", "named", image, "true"]);
  t.match(script, "# left out: no names are answered");
});
