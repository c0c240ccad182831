// The same matrix as docker answers it: every difference is one that test/matrix/docker.ts gives a reason for.
import "../fixture/fresh-namespaces.ts";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";
import { expectAll as askAll } from "../matrix/ask.ts";
import { cellName, cellsFrom, type Extent } from "../matrix/cell.ts";
import { differenceOf, differences } from "../matrix/docker.ts";
import { expect, type Firewall } from "../matrix/expect.ts";
import { loadDrop, loadUfw, startFirewalld } from "../matrix/firewall.ts";
import { makeTalk } from "../matrix/talk.ts";
import { type Outside, openOutside, openWorld, type World } from "../matrix/world.ts";

/** This docker knows no routed networks, and publishes SCTP only where the kernel has sockets of it. */
const extent: Extent = {
  families: ["ipv4", "ipv6"],
  protocols: ["tcp", "udp"],
  places: ["host", "web", "peer", "far", "plain", "hidden", "lan", "remote"],
};

const expectAll = (t: Test, world: World, firewall: Firewall) =>
  askAll(t, world, (cell) => differenceOf(cell, firewall)?.docker ?? expect(cell, firewall));

/** A docker of its own with the world's containers and networks, which are gone before it ends: it would wait for each, and leave bridges. */
async function openDocker(t: Test, ground: Outside, env: NodeJS.ProcessEnv = {}): Promise<World> {
  const talk = makeTalk(t);
  const { ok, directory } = await startDocker(t, { networks: true, env });
  writeFileSync(`${directory}/image.tar`, makeBusyboxTar([talk.entry]));
  await ok(["import", `${directory}/image.tar`, "box"]);
  const world = await openWorld(ground, ok, "box", talk, extent);
  t.teardown(async () => {
    await ok(["rm", "-f", ...extent.places.filter((place) => !["host", "lan", "remote"].includes(place))]);
    await ok(["network", "prune", "-f"]);
  });
  return world;
}

t.test("docker", { ...needRoot, timeout: 250_000 }, async (t) => {
  const ground = await openOutside(t);
  await t.test("its own rules, and beside them", async (t) => {
    const world = await openDocker(t, ground);
    await t.test("no rules but docker's", (t) => expectAll(t, world, "none"));
    await t.test("INPUT and FORWARD drop", async (t) => {
      loadDrop(t);
      await expectAll(t, world, "drop");
    });
    await t.test("ufw", async (t) => {
      loadUfw(t);
      await expectAll(t, world, "ufw");
    });
  });
  await t.test("firewalld, which docker tells of its bridges when it starts", async (t) => {
    const env = await startFirewalld(t);
    await expectAll(t, await openDocker(t, ground, env), "firewalld");
  });
});

t.test("each difference is one", async (t) => {
  const cells = extent.places.flatMap((origin) => cellsFrom(origin, extent));
  const asked = (["none", "drop", "ufw", "firewalld"] as const).flatMap((firewall) => cells.map((cell) => ({ cell, firewall })));
  for (const difference of differences) {
    const applied = asked.filter(({ cell, firewall }) => differenceOf(cell, firewall) === difference);
    t.ok(applied.length > 0, difference.reason);
    const alike = applied.filter(({ cell, firewall }) => expect(cell, firewall) === difference.docker);
    t.same(
      alike.map(({ cell, firewall }) => `${firewall}: ${cell.origin} ${cellName(cell)}`),
      [],
      "tsns answers otherwise",
    );
  }
});
