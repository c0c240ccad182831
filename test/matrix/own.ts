// The world as tsns makes it, and the rule sets beside which it is asked whatever the host's iptables is.
import type { Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { expectAll } from "./ask.ts";
import { everything } from "./cell.ts";
import { expect, type Firewall } from "./expect.ts";
import { loadDrop, loadUfw, loadUser } from "./firewall.ts";
import { makeTalk } from "./talk.ts";
import { type Outside, openWorld, outside, type World } from "./world.ts";

export interface OwnWorld {
  readonly root: DataRoot;
  readonly world: World;
}

/** All of the world, in a data root that goes with the test. */
export async function openOwn(t: Test, ground: Outside, talk = makeTalk(t)): Promise<OwnWorld> {
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  return { root, world: await openWorld(ground, (args) => root.ok(args), "box", talk, everything) };
}

/** Every cell comes out as it is to beside this rule set. */
export const expectOwn = (t: Test, world: World, firewall: Firewall): Promise<void> =>
  expectAll(t, world, (cell) => expect(cell, firewall));

/** Without any rule but ours, then beside one rule set after the other. */
export async function askBesideRules(t: Test, world: World): Promise<void> {
  await t.test("no rules but ours", (t) => expectOwn(t, world, "none"));
  await t.test("INPUT and FORWARD drop", async (t) => {
    loadDrop(t);
    await expectOwn(t, world, "drop");
  });
  await t.test("a rule of the administrator's", async (t) => {
    loadUser(t, outside.lan);
    await expectOwn(t, world, "user");
  });
  await t.test("ufw", async (t) => {
    loadUfw(t);
    await expectOwn(t, world, "ufw");
  });
}
