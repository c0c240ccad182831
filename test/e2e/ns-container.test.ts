// `tsns ns` and `tsns who` on running containers.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { image, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

interface Row {
  readonly kind: string;
  readonly inode: number;
  readonly pid: number;
  readonly owner?: { readonly engine: string; readonly name: string; readonly id: string };
}
const json = async <T>(root: DataRoot, ...args: string[]): Promise<T> => JSON.parse(await root.ok([...args, "--json"])) as T;

scenario("the namespaces of a container are listed as its own, and entered", async (t, root) => {
  const id = await root.ok(["run", "-d", "--name", "web", "--hostname", "inside", image, "sleep", "1000"]);
  const pid = await pidOf(root, "web");
  const kinds = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];
  const rows = (await json<Row[]>(root, "ns", "ls", "web")).filter(({ owner }) => owner?.name === "web");
  t.same(rows.map(({ kind }) => kind).sort(), kinds);
  for (const row of rows) t.match(row, { pid, owner: { engine: "tsns", id } });
  t.match(
    await root.ok(["ns", "tree", "--pid"]),
    new RegExp(`[├└]─pid:\\[${/\d+/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[0]}\\] .* web `),
  );

  const inode = /\d+/.exec(readlinkSync(`/proc/${pid}/ns/uts`))?.[0] ?? "";
  for (const reference of ["web", id.slice(0, 12), `${pid}`, `/proc/${pid}/ns/uts`, inode, `uts:[${inode}]`])
    t.equal(await root.ok(["ns", "enter", "--uts", reference, "--", "hostname"]), "inside", reference);
  const linkOnly = await root.ok(["ns", "enter", "web", "--net", "--", "sh", "-c", "ip -o -4 addr show eth0; hostname"]);
  t.match(linkOnly, new RegExp(`inet 10\\.[^\n]*\n${hostname()}$`), "the host's name and programs, the container's network");
  t.equal(await root.ok(["ns", "enter", "web", "sh", "-c", "hostname; ls -d /proc/[0-9]* | head -1; pwd"]), "inside\n/proc/1\n/");
  t.match(await root.tsns(["ns", "enter", "web", "sh", "-c", "exit 9"]), { code: 9 });
  t.match(await root.tsns(["ns", "enter", "web", "sh", "-c", "kill -9 $$"]), { code: 137 });
  t.match(await root.tsns(["ns", "enter", "web", "nosuch"]), { code: 127, stderr: "tsns: cannot run nosuch: no such program\n" });
  t.match(await root.tsns(["ns", "enter", "web", "/etc/passwd"]), { code: 126 });
  t.match(await root.tsns(["ns", "enter", "-w", "/nowhere", "web", "true"]), {
    code: 1,
    stderr: "tsns: cannot go to /nowhere: no such file or directory\n",
  });
  t.equal(await root.ok(["ns", "enter", "web", "cat"], { input: "through" }), "through");

  const script = await root.ok([
    "ns",
    "enter",
    "--dry-run",
    "--explain=sh",
    "--uts",
    "--pid",
    "--mnt",
    "web",
    "sh",
    "-c",
    "hostname; echo $0 'a b'",
  ]);
  const byHand = spawnSync("sh", [], { input: script, encoding: "utf8" });
  t.match(byHand, { status: 0, stdout: "inside\nsh a b\n" }, script);
  await root.ok(["rm", "-f", "web"]);
});

scenario("ids of containers with user namespaces", async (t, root) => {
  await root.ok(["run", "-d", "--name", "one", "--userns", "private:200000:1000", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "two", "--userns", "private:200500:1000", image, "sleep", "1000"]);
  const id = (...args: string[]) => root.ok(["ns", "idmap", ...args, "-q"]);
  t.equal(await id("one", "--uid", "0"), "200000");
  t.equal(await id("self", "--to", "one", "--gid", "200033"), "33");
  t.equal(await id("one", "--to", "two", "--uid", "600"), "100");
  t.match(await root.tsns(["ns", "idmap", "one", "--to", "two", "--uid", "5"]), {
    code: 1,
    stderr: "tsns: uid 5 of container one, 200005 here, is not mapped in container two (files and processes of such ids show as 65534)\n",
  });
  t.match(await json(root, "ns", "idmap", "one"), [{ type: "uid", inner: 0, outer: 200_000, count: 1000 }, { type: "gid" }]);
  t.equal(await root.ok(["ns", "enter", "one", "sh", "-c", "id -u; id -g; cat /proc/self/uid_map | tr -s ' '"]), "0\n0\n 0 200000 1000");
  t.equal(await root.ok(["ns", "enter", "--uid", "7", "--gid", "8", "one", "sh", "-c", "id -u; id -g"]), "7\n8");
  t.match(await root.ok(["ns", "tree", "--user"]), /└─user:\[\d+\] +0 .*1 cgroup/);
  await root.ok(["rm", "-f", "one", "two"]);
});

scenario("who: every way to a container", async (t, root) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-who-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const id = await root.ok([
    "run",
    "-d",
    "--name",
    "asked",
    "-p",
    "127.0.0.1:0:80",
    "-v",
    `${folder}:/data`,
    image,
    "sh",
    "-c",
    "cd /data; exec httpd -f -p 80",
  ]);
  const pid = await pidOf(root, "asked");
  const [address = "", mac = ""] = (
    await root.ok(["inspect", "-f", "{{.NetworkSettings.IPAddress}} {{.NetworkSettings.MacAddress}}", "asked"])
  ).split(" ");
  const port = (await root.ok(["port", "asked", "80"])).replace(/^.*:/, "");
  const mine = { owner: { engine: "tsns", name: "asked", id }, pid };
  // other tests may have containers of the same addresses in network namespaces of their own
  const ask = async (word: string, ...options: string[]) =>
    (await json<{ how: string; owner?: { id: string } }[]>(root, "who", word, ...options)).filter(({ owner }) => owner?.id === id);
  // where nobody listens on such a port, who fails
  const listeners = async () => (await root.tsns(["who", "80", "--as", "port", "--format", "{{.Container}}"])).stdout.split("\n");
  await waitFor("httpd to listen", async () => (await listeners()).includes("asked"));
  t.match(await ask(port, "--as", "port"), [{ how: "dnat", what: /^forward TCP port/, ...mine }]);
  t.match(
    (await ask("80", "--as", "port")).filter(({ owner }) => owner?.id === id),
    [{ how: "listener", what: /^tcp .*:80$/, ...mine }],
  );
  t.match(await ask(address), [
    { how: "address", what: /^eth0 veth /, ...mine },
    { how: "dnat", ...mine },
  ]);
  t.match(await ask(mac), [{ how: "link", ...mine }]);
  t.match(await ask(`${pid}`, "--as", "pid"), [{ how: "process", ...mine }]);
  t.match(await ask(`tsns-${id}`), [{ how: "member", what: new RegExp(id), ...mine }]);
  t.match(await ask(`net:[${/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0]}]`), [{ how: "namespace", ...mine }]);
  const uses = await ask(folder);
  t.match(
    uses.find(({ how }) => how === "mount"),
    { what: "/data", ...mine },
  );
  t.match(
    uses.find(({ how }) => how === "cwd"),
    { what: "/data", ...mine },
  );
  const socket =
    readdirSync(`/proc/${pid}/fd`)
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
      .find((link) => link.startsWith("socket:")) ?? "";
  t.match(await ask(socket), [{ how: "socket", what: /:80, listen$/, ...mine }]);
  t.ok((await root.ok(["who", mac, "--format", "{{.Container}} {{.PID}}"])).split("\n").includes(`asked ${pid}`));

  const elsewhere = join(folder, "no-root");
  const foreign = await root.ok(["--root", elsewhere, "who", `tsns-${id}`, "--format", "{{.Container}}"]);
  t.equal(foreign, id.slice(0, 12), "of another data root the id is known");
  t.notOk(existsSync(elsewhere), "a look makes no data root");
  await root.ok(["stop", "-t", "0", "asked"]);
  t.match(await root.tsns(["ns", "ls", "asked"]), { code: 1, stderr: /^tsns: [^\n]*not running[^\n]*\n$/ });
  t.match(await root.tsns(["who", `tsns-${id}`]), {
    code: 1,
    stderr: /^tsns: nothing here has or is "tsns-[0-9a-f]+" \(tried cgroup: [^\n]*; path: [^\n]*\)\n$/,
  });
  await root.ok(["rm", "asked"]);
});

scenario("a reset takes named sets along", async (t, root) => {
  const name = `e2e-${process.pid}`;
  await root.ok(["ns", "create", name, "--net"]);
  t.ok(existsSync(`/run/tsns/ns/${name}/net`));
  t.match(await root.tsns(["ns", "create", name, "--net"]), {
    code: 1,
    stderr: /^tsns: there are namespaces named [^\n]* already[^\n]*\n$/,
  });
  await root.ok(["ns", "rm", name]);
  t.notOk(existsSync(`/run/tsns/ns/${name}`));
  const other = mkdtempSync(join(tmpdir(), "tsns-ns-"));
  t.teardown(() => rmSync(other, { recursive: true, force: true }));
  await root.ok(["--root", other, "ns", "create", name, "--net", "--pid"]);
  await root.ok(["--root", other, "system", "reset", "--force"]);
  t.notOk(existsSync(`/run/tsns/ns/${name}`));
});
