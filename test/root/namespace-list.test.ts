// `ns ls` beside lsns(8), `ns tree` over nested namespaces, and `who` in the namespaces of this file.
import "../fixture/fresh-namespaces.ts";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { openEngine } from "../../src/engine/engine.ts";
import { readNamespaceTree } from "../../src/engine/namespace/list.ts";
import { who } from "../../src/engine/who.ts";
import type { NamespaceView } from "../../src/namespace/view.ts";
import { flattenTree } from "../../src/namespace/view.ts";
import { command } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

const root = mkdtempSync(join(tmpdir(), "tsns-ns-"));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

function run(argv: readonly string[]): string {
  const [program = "", ...args] = argv;
  const result = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, TSNS_ROOT: `${root}/none` } });
  if (result.status !== 0) throw new Error(`${argv.join(" ")}: ${result.stderr}`);
  return result.stdout;
}
const tsns = (...args: string[]) => run([command, ...args]);
const inodeOf = (pid: number | "self", kind: string) => Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[0]);

/** A shell in namespaces of its own; resolves with its pid once it is there. */
function inside(t: Test, flags: readonly string[], script: string): Promise<number> {
  const child = spawn("unshare", [...flags, "sh", "-c", `${script} echo $(cut -d' ' -f4 /proc/self/stat); read end`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  return new Promise((resolve) => child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString()))));
}

/** Looks again until it is so; fails with the test's own time limit. */
async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await new Promise((resolve) => setImmediate(resolve));
}

const textOf = (path: string) => readFileSync(path, "utf8");

/** Leaves a process that has ended and that its parent, a sleep(1), never waits for. */
async function makeZombie(t: Test): Promise<void> {
  const parent = spawn("sh", ["-c", "read end <&3 & exec sleep 60"], { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  t.teardown(() => parent.kill("SIGKILL"));
  await until(() => textOf(`/proc/${parent.pid}/comm`) === "sleep\n");
  const child = textOf(`/proc/${parent.pid}/task/${parent.pid}/children`).trim();
  parent.stdio[3]?.destroy();
  await until(() => textOf(`/proc/${child}/stat`).includes(") Z "));
}

t.test("the namespaces that lsns shows, and more", needRoot, async (t) => {
  await makeZombie(t);
  const pid = await inside(t, ["--net", "--uts", "--ipc"], "");
  const user = await inside(t, ["--user", "--map-root-user", "--time", "--cgroup"], "");
  run(["ip", "netns", "add", `tsns-ls-${process.pid}`]);
  t.teardown(() => run(["ip", "netns", "del", `tsns-ls-${process.pid}`]));
  const fd = openSync(`/proc/${pid}/ns/uts`, "r");
  t.teardown(() => closeSync(fd));

  const views = JSON.parse(tsns("ns", "ls", "--json")) as NamespaceView[];
  const listed = JSON.parse(run(["lsns", "-J", "-l", "-o", "NS,TYPE,NPROCS,PID,USER"])) as {
    namespaces: { ns: number; type: string; nprocs: number; pid: number; user: string }[];
  };
  // each listing is one process more in the namespaces of this test: the same number for both
  const wanted = listed.namespaces.map(({ ns, type, nprocs, pid, user }) => `${ns} ${type} ${nprocs} ${pid} ${user}`).sort();
  const shown = views.filter(({ holder }) => holder === "process");
  t.same(shown.map((view) => `${view.inode} ${view.kind} ${view.processes} ${view.pid} ${view.user}`).sort(), wanted);
  t.match(
    views.find(({ holder }) => holder === "mount"),
    { kind: "net", processes: 0, path: `/run/netns/tsns-ls-${process.pid}` },
  );
  t.match(
    views.find(({ inode }) => inode === inodeOf(pid, "net")),
    { kind: "net", processes: 1, pid, owner: { engine: "other", name: "sh" } },
  );

  const kinds = tsns("ns", "ls", "-p", `${user}`, "-t", "user,cgroup", "--format", "{{.NS}} {{.Type}}");
  t.same(kinds.trim().split("\n").sort(), [`${inodeOf(user, "cgroup")} cgroup`, `${inodeOf(user, "user")} user`].sort());
  t.match(tsns("ns", "ls", `tsns-ls-${process.pid}`, "-q"), /^\d+\n$/, "by the name of ip netns");
});

t.test("kept by a descriptor, or only by what is below", needRoot, async (t) => {
  const pid = await inside(t, ["--uts"], "hostname kept;");
  const inode = inodeOf(pid, "uts");
  const fd = openSync(`/proc/${pid}/ns/uts`, "r");
  process.kill(pid, "SIGKILL");
  const view = () => (JSON.parse(tsns("ns", "ls", "--json", "-t", "uts")) as NamespaceView[]).find((each) => each.inode === inode);
  while (view()?.holder === "process");
  t.match(view(), { holder: "descriptor", pid: process.pid, path: `/proc/${process.pid}/fd/${fd}` });
  t.equal(tsns("ns", "enter", `${inode}`, "--uts", "--", "hostname"), "kept\n");
  closeSync(fd);
  t.equal(view(), undefined);

  const outer = ["--user", "--map-root-user"];
  const inner = await inside(t, [...outer, "unshare", ...outer], "");
  using engine = openEngine(`${root}/none`);
  const rows = flattenTree(readNamespaceTree(engine, ["user"]).user);
  const at = rows.findIndex(({ node }) => node.inode === inodeOf(inner, "user"));
  t.equal(rows[at]?.depth, 2, "the one between has no process");
  t.match(rows[at - 1]?.node, { view: { holder: "child", processes: 0 }, ownerUid: 0 });
  t.match(tsns("ns", "ls", "-t", "user", "--json"), new RegExp(`"inode": ${rows[at - 1]?.node.inode}`));
});

t.test("who: ports, links, paths and inodes of other namespaces", needRoot, async (t) => {
  using engine = openEngine(`${root}/none`);
  const ask = (word: string, as?: "port" | "path" | "ip" | "mac" | "iface" | "pid" | "inode" | "cgroup") =>
    who(engine, { word, cwd: root, ...(as ? { as } : {}) });
  const server = createServer();
  await new Promise<void>((done) => server.listen(4711, "127.0.0.1", done));
  t.teardown(() => server.close());
  t.match(await ask("4711", "port"), [{ how: "listener", what: "tcp 127.0.0.1:4711", pid: process.pid, namespace: "" }]);
  await t.rejects(ask("4711/udp"), { message: 'nothing here has or is "4711/udp"', hint: /listeners in \d+ network namespaces?; port: / });
  await t.rejects(ask("10.1.1.1:4711"), { message: /nothing here has/ }, "another address");

  run(["ip", "link", "add", "who0", "type", "veth", "peer", "name", "who1"]);
  const pid = await inside(t, ["--net", "--mount"], `mount -t tmpfs tmpfs ${root}; cd ${root};`);
  run(["ip", "link", "set", "who1", "netns", `${pid}`]);
  run(["nsenter", "-t", `${pid}`, "-n", "sh", "-c", "ip addr add 10.9.8.7/24 dev who1; ip link set who1 address 02:00:00:09:08:07"]);
  const there = { pid, namespace: `net:[${inodeOf(pid, "net")}]` };
  t.match(await ask("10.9.8.7"), [{ as: "ip", how: "address", ...there, what: /^who1 veth 02:00:00:09:08:07 10\.9\.8\.7\/24/ }]);
  t.match(await ask("02:00:00:09:08:07"), [{ as: "mac", ...there }]);
  t.match(await ask("who1"), [{ as: "iface", ...there }]);
  t.match(await ask("who0"), [{ as: "iface", namespace: "", pid, what: /other end is in net:/ }], "the process behind a host link");
  t.match(await ask(`net:[${inodeOf(pid, "net")}]`), [{ how: "namespace", pid }]);
  t.match(await ask(`${pid}`, "pid"), [
    { how: "process", detail: { namespaces: [`mnt:[${inodeOf(pid, "mnt")}]`, `net:[${inodeOf(pid, "net")}]`] } },
  ]);

  const local = createServer();
  await new Promise<void>((done) => local.listen(join(root, "socket"), done));
  t.teardown(() => local.close());
  t.match(await ask(join(root, "socket")), [{ as: "path", how: "socket", pid: process.pid }]);

  const file = join(root, "held");
  writeFileSync(file, "");
  const fd = openSync(file, "r");
  const holder = spawn("sleep", ["100"], { stdio: [fd, "ignore", "ignore"] });
  t.teardown(() => holder.kill("SIGKILL"));
  closeSync(fd);
  t.match(await ask("./held"), [{ as: "path", how: "open", pid: holder.pid }]);
  const socket =
    /socket:\[\d+\]/.exec(readlinkSync(`/proc/self/fd/${(server as unknown as { _handle: { fd: number } })._handle.fd}`))?.[0] ?? "";
  t.match(await ask(socket), [{ as: "inode", how: "socket", pid: process.pid, what: "socket tcp 127.0.0.1:4711, listen" }]);
});

t.test("a number is everything it can be; nothing names what was tried", needRoot, async (t) => {
  using engine = openEngine(`${root}/none`);
  const word = `${process.pid}`;
  const server = createServer();
  await new Promise<void>((done) => server.listen(process.pid % 60_000, done));
  t.teardown(() => server.close());
  const found = await who(engine, { word, cwd: "/" });
  t.ok(found.some(({ as }) => as === "pid"));
  if (process.pid < 60_000) t.ok(found.some(({ as, how }) => as === "port" && how === "listener"));
  await t.rejects(who(engine, { word: "nothing-here", cwd: "/" }), {
    message: /"nothing-here"$/,
    hint: /^tried iface: .*cgroup: .*path: /,
  });
  await t.rejects(who(engine, { word: "x", as: "port", cwd: "/" }), { message: '"x" is no port', exitCode: 2 });
});
