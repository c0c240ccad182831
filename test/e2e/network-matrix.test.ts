// Who reaches whom by which address and port, and whose address is seen: every cell of test/matrix beside each rule set of the host.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { expectAll } from "../matrix/ask.ts";
import type { Cell } from "../matrix/cell.ts";
import { expect } from "../matrix/expect.ts";
import { startFirewalld, trusted } from "../matrix/firewall.ts";
import { askBesideRules, expectOwn, openOwn } from "../matrix/own.ts";
import { inner, openOutside } from "../matrix/world.ts";

t.test("the matrix", needRoot, async (t) => {
  const { root, world } = await openOwn(t, await openOutside(t));
  await askBesideRules(t, world);
  await t.test("a container of an internal network that makes itself a way out", async (t) => {
    const routes = (change: string) =>
      world.sh("hidden", `ip route ${change} default via ${inner.ipv4}; ip -6 route ${change} default via ${inner.ipv6}`);
    routes("add");
    t.teardown(() => routes("del"));
    // the host itself has more addresses than the gateway's
    const isService = ({ origin, target, way, publication }: Cell) =>
      origin === "hidden" && target === "host" && way === "lan" && publication === "none";
    await expectAll(t, world, (cell) => (isService(cell) ? "own" : expect(cell, "none")));
  });
  await t.test("firewalld", async (t) => {
    const env = await startFirewalld(t);
    // it empties all tables when it starts, and knows nothing of the bridges
    await root.ok(["net", "drift", "--repair"], { env });
    t.same(await root.tsns(["net", "drift"], { env }), { code: 0, stdout: "", stderr: "", bytes: Buffer.alloc(0) }, "all is put back");
    await expectOwn(t, world, "firewalld");
    await t.test("reloaded", async (t) => {
      execFileSync("firewall-cmd", ["--reload"], { env: { ...process.env, ...env } });
      await root.ok(["net", "drift", "--repair"], { env });
      await expectOwn(t, world, "firewalld");
    });
    await root.ok(["network", "create", "late"], { env });
    const late = (await root.ok(["network", "inspect", "-f", '{{index .Options "com.docker.network.bridge.name"}}', "late"])).trim();
    t.ok(trusted(env).includes(late), "a network that is made beside it");
    await root.ok(["network", "rm", "late"], { env });
    t.notOk(trusted(env).includes(late), "and removed");
  });
});
