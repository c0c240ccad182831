// The name server as a process: one per data root, killed and started again, asked by containers' connections, told of by dns ls and log.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, statSync } from "node:fs";
import t, { type Test } from "tap";
import { nameSocket, reachable } from "../../src/engine/name/seat.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { command, outcomeOf } from "../fixture/data-root.ts";
import { connectNames } from "../fixture/name-client.ts";
import { addLease, addNetwork, idOf } from "../fixture/name-store.ts";
import { always, startUpstream } from "../fixture/name-upstream.ts";
import { needRoot } from "../fixture/root.ts";
import { openTestEngine } from "../fixture/store.ts";
import { waitFor } from "../fixture/wait.ts";

interface Place {
  readonly root: string;
  readonly store: Database;
  serve(): ChildProcess;
  /** A connection of this container, as soon as somebody takes it. */
  join(container: string): ReturnType<typeof connectNames>;
  tsns(...args: readonly string[]): ReturnType<typeof outcomeOf>;
}

function place(t: Test, deeper = ""): Place {
  const root = `${openTestEngine(t).root}${deeper}`;
  mkdirSync(root, { recursive: true });
  const store = openDatabase(root);
  t.teardown(() => store.close());
  addNetwork(store, "net");
  addLease(store, "net", "a", "10.1.0.2", "web");
  const children: ChildProcess[] = [];
  t.teardown(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await once(child, "exit");
    }
  });
  return {
    root,
    store,
    serve() {
      const child = spawn(command, ["dns", "serve", "--root", root], { stdio: "inherit" });
      children.push(child);
      return child;
    },
    async join(container) {
      const { path, close } = await waitFor("the name server", () => isThere(root) && reachable(root));
      t.teardown(close);
      return waitFor("a connection", () => connectNames(t, path, idOf(container)).catch(() => undefined));
    },
    tsns: (...args) => outcomeOf(spawn(command, ["--root", root, ...args], { stdio: "pipe" }), args.join(" "), 20_000),
  };
}

const isThere = (root: string) => statSync(nameSocket(root), { throwIfNoEntry: false }) !== undefined;

t.test("one for a data root", async (t) => {
  const { serve, join } = place(t);
  const children = [serve(), serve(), serve()];
  const ends = children.map((child) => once(child, "exit"));
  const one = await join("a");
  t.same((await one.ask("web")).data, ["10.1.0.2"]);
  const [first] = await Promise.race(ends);
  t.equal(first, 0, "one too many ends quietly");
  await waitFor("the other one's end", () => children.filter(({ exitCode }) => exitCode === 0).length === 2);
  t.same((await one.ask("web")).data, ["10.1.0.2"], "nobody is cut off");
});

t.test("killed, and started again", async (t) => {
  const { serve, join, store } = place(t);
  const child = serve();
  const one = await join("a");
  t.same((await one.ask("web")).data, ["10.1.0.2"]);
  child.kill("SIGKILL");
  await Promise.all([once(child, "exit"), once(one.socket, "close")]);
  addLease(store, "net", "b", "10.1.0.3", "db");
  serve();
  t.same((await (await join("a")).ask("db")).data, ["10.1.0.3"]);
});

t.test("told to end", async (t) => {
  const { serve, join, root, tsns } = place(t);
  const child = serve();
  const one = await join("a");
  await one.ask("web");
  child.kill("SIGTERM");
  const [[code]] = await Promise.all([once(child, "exit"), once(one.socket, "close")]);
  t.equal(code, 0);
  t.notOk(isThere(root), "no socket is left");
  t.match(await tsns("dns", "log"), { code: 0, stdout: "", stderr: /no name server is running/ });
  const next = serve();
  t.same((await (await join("a")).ask("web")).data, ["10.1.0.2"], "the lock is free");
  t.equal(next.exitCode, null);
});

t.test("the log is followed from before its start and across its end", async (t) => {
  const { serve, join, root } = place(t);
  const follower = spawn(command, ["--root", root, "dns", "log", "-f"], { stdio: "pipe" });
  t.teardown(() => follower.kill("SIGKILL"));
  let said = "";
  follower.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const lines = (count: number) => waitFor(`${count} lines`, () => said.split("\n").length > count);
  for (const count of [1, 2]) {
    const child = serve();
    const one = await join("a");
    await one.ask("web");
    await lines(count);
    child.kill("SIGKILL");
    await Promise.all([once(child, "exit"), once(one.socket, "close")]);
  }
  follower.kill("SIGINT");
  t.same(await once(follower, "exit"), [130, null], "as other commands that follow");
  t.match(said, /^(\S+ 0{12} udp web\. A NOERROR \(network net, [\d.]+ ms\) A 10\.1\.0\.2\n){2}$/);
});

t.test("no data root: nothing to serve, nothing made", async (t) => {
  const { tsns, root } = place(t);
  t.match(await tsns("dns", "serve", "--root", `${root}/none`), { code: 0, stdout: "", stderr: "" });
  t.throws(() => statSync(`${root}/none`), { code: "ENOENT" });
});

t.test("a deep data root", async (t) => {
  const { serve, join, tsns } = place(t, `/${"deep".repeat(20)}/${"deeper".repeat(10)}`);
  serve();
  t.same((await (await join("a")).ask("web")).data, ["10.1.0.2"]);
  t.match(await tsns("dns", "log"), { code: 0, stdout: /web\. A NOERROR \(network net, .*\) A 10\.1\.0\.2\n$/ });
});

t.test("a container's own servers, on their usual port", needRoot, async (t) => {
  const { serve, join, store, tsns } = place(t);
  const address = `127.${1 + Math.floor(Math.random() * 250)}.${process.pid & 255}.53`;
  const upstream = await startUpstream(t, always("192.0.2.80"), { address, port: 53 });
  const spec = JSON.stringify({ dns: { servers: [address] } });
  store.run("INSERT INTO container (id, name, created_ms, spec, state) VALUES (?, 'shop', 1, ?, '{}')", idOf("a"), spec);
  serve();
  t.same((await (await join("a")).ask("debian.org")).data, ["192.0.2.80"]);
  t.same(new Set(upstream.asked), new Set(["udp debian.org"])); // once more if it was silent for a second
  const { stdout } = await tsns("dns", "log", "--json", "shop");
  t.match(JSON.parse(stdout), { containerName: "shop", name: "debian.org.", source: `upstream ${address}`, answers: ["A 192.0.2.80"] });
});

t.test("dns ls; wrong words", async (t) => {
  const { store, tsns } = place(t);
  addNetwork(store, "bridge");
  addNetwork(store, "other", { pools: [{ subnet: "10.2.0.0/16" }] });
  addLease(store, "bridge", "a", "10.9.0.2", "web");
  addLease(store, "net", "a", "fd00::2", "web");
  addLease(store, "other", "b", "10.2.0.2", "db", "store");
  const rows = JSON.parse((await tsns("dns", "ls", "--json")).stdout);
  t.match(rows, [
    { network: "net", names: ["web"], addresses: ["10.1.0.2", "fd00::2"] },
    { network: "other", names: ["db", "store"], addresses: ["10.2.0.2"] },
  ]);
  t.equal((await tsns("dns", "ls", "-q", "other")).stdout, "db.other\n");
  t.match(await tsns("dns", "ls", "nosuch"), { code: 1, stdout: "", stderr: /^tsns: network nosuch not found / });
  t.match(await tsns("dns", "ls", "bridge"), { code: 1, stderr: /^tsns: network bridge has no names/ });
  t.match(await tsns("dns", "log", "nosuch"), { code: 1, stderr: /^tsns: No such container: nosuch / });
  t.match(await tsns("dns", "log", "--tail", "x"), { code: 2, stderr: /^tsns: invalid --tail "x"/ });
  t.match(await tsns("dns", "trace", "web"), { code: 2, stderr: /takes at least 2 arguments/ });
  t.match(await tsns("dns", "trace", "web", "x", "FOO"), { code: 2, stderr: /^tsns: unknown type of record FOO/ });
});
