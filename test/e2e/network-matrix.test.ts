// Who reaches whom by which address and port, and whose address is seen: every cell of test/matrix beside each rule set of the host.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { expectAll as askAll } from "../matrix/ask.ts";
import { type Cell, everything } from "../matrix/cell.ts";
import { expect, type Firewall } from "../matrix/expect.ts";
import { loadDrop, loadUfw, loadUser, startFirewalld, trusted } from "../matrix/firewall.ts";
import { makeTalk } from "../matrix/talk.ts";
import { inner, openOutside, openWorld, outside, type World } from "../matrix/world.ts";

const expectAll = (t: Test, world: World, firewall: Firewall) => askAll(t, world, (cell) => expect(cell, firewall));

t.test("the matrix", needRoot, async (t) => {
  const talk = makeTalk(t);
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  const world = await openWorld(await openOutside(t), (args) => root.ok(args), "box", talk, everything);
  await t.test("no rules but ours", (t) => expectAll(t, world, "none"));
  await t.test("a container of an internal network that makes itself a way out", async (t) => {
    const routes = (change: string) =>
      world.sh("hidden", `ip route ${change} default via ${inner.ipv4}; ip -6 route ${change} default via ${inner.ipv6}`);
    routes("add");
    t.teardown(() => routes("del"));
    // the host itself has more addresses than the gateway's
    const isService = ({ origin, target, way, publication }: Cell) =>
      origin === "hidden" && target === "host" && way === "lan" && publication === "none";
    await askAll(t, world, (cell) => (isService(cell) ? "own" : expect(cell, "none")));
  });
  await t.test("INPUT and FORWARD drop", async (t) => {
    loadDrop(t);
    await expectAll(t, world, "drop");
  });
  await t.test("a rule of the administrator's", async (t) => {
    loadUser(t, outside.lan);
    await expectAll(t, world, "user");
  });
  await t.test("ufw", async (t) => {
    loadUfw(t);
    await expectAll(t, world, "ufw");
  });
  await t.test("firewalld", async (t) => {
    const env = await startFirewalld(t);
    // it empties all tables when it starts, and knows nothing of the bridges
    await root.ok(["net", "drift", "--repair"], { env });
    t.same(await root.tsns(["net", "drift"], { env }), { code: 0, stdout: "", stderr: "", bytes: Buffer.alloc(0) }, "all is put back");
    await expectAll(t, world, "firewalld");
    await t.test("reloaded", async (t) => {
      execFileSync("firewall-cmd", ["--reload"], { env: { ...process.env, ...env } });
      await root.ok(["net", "drift", "--repair"], { env });
      await expectAll(t, world, "firewalld");
    });
    await root.ok(["network", "create", "late"], { env });
    const late = (await root.ok(["network", "inspect", "-f", '{{index .Options "com.docker.network.bridge.name"}}', "late"])).trim();
    t.ok(trusted(env).includes(late), "a network that is made beside it");
    await root.ok(["network", "rm", "late"], { env });
    t.notOk(trusted(env).includes(late), "and removed");
  });
});
