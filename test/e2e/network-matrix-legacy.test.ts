// The matrix where the host's iptables is the legacy one: the same cells come out, and no rule gets into nftables.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { chooseLegacy } from "../fixture/iptables-alternative.ts";
import { needRoot } from "../fixture/root.ts";
import { expectAll as askAll } from "../matrix/ask.ts";
import { everything } from "../matrix/cell.ts";
import { expect, type Firewall } from "../matrix/expect.ts";
import { loadDrop, loadUfw, loadUser } from "../matrix/firewall.ts";
import { makeTalk } from "../matrix/talk.ts";
import { openOutside, openWorld, outside, type World } from "../matrix/world.ts";

const expectAll = (t: Test, world: World, firewall: Firewall) => askAll(t, world, (cell) => expect(cell, firewall));

const saved = (backend: "nft" | "legacy", family: "" | "6"): string =>
  execFileSync(`ip${family}tables-${backend}-save`, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

t.test("iptables-legacy", needRoot, async (t) => {
  chooseLegacy(t);
  const talk = makeTalk(t);
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  const world = await openWorld(await openOutside(t), (args) => root.ok(args), "box", talk, everything);
  for (const family of ["", "6"] as const) {
    t.match(saved("legacy", family), /-A TSNS-PORTS /);
    t.notMatch(saved("nft", family), /TSNS/);
  }
  await t.test("no rules but ours", (t) => expectAll(t, world, "none"));
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
  t.same(await root.tsns(["net", "drift"]), { code: 0, stdout: "", stderr: "", bytes: Buffer.alloc(0) }, "and is as it was made");
  await root.ok(["system", "reset", "--force"]);
  for (const family of ["", "6"] as const) t.notMatch(saved("legacy", family) + saved("nft", family), /TSNS|tsns/, "nothing is left");
});
