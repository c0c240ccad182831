// The same matrix as docker answers it, and every difference with its reason.
import "../fixture/fresh-namespaces.ts";
import { writeFileSync } from "node:fs";
import t from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";
import { cellName, cellsFrom, type Extent } from "../matrix/cell.ts";
import { expect } from "../matrix/expect.ts";
import { makeTalk } from "../matrix/talk.ts";
import { openOutside, openWorld } from "../matrix/world.ts";

const extent: Extent = {
  families: ["ipv4", "ipv6"],
  protocols: ["tcp", "udp"],
  places: ["host", "web", "peer", "far", "plain", "hidden", "lan", "remote"],
};

t.test("docker", { ...needRoot, timeout: 250_000 }, async (t) => {
  const talk = makeTalk(t);
  const outside = await openOutside(t);
  const { ok, directory } = await startDocker(t, { networks: true });
  writeFileSync(`${directory}/image.tar`, makeBusyboxTar([talk.entry]));
  await ok(["import", `${directory}/image.tar`, "box"]);
  const world = await openWorld(outside, ok, "box", talk, extent);
  await Promise.all(
    extent.places.map(async (origin) => {
      const cells = cellsFrom(origin, extent);
      const found = await world.ask(origin, cells, () => "blocked");
      for (const cell of cells) {
        const [ours, theirs] = [expect(cell, "none"), found[cellName(cell)]];
        if (ours !== theirs) process.stderr.write(`${origin} -> ${cellName(cell)}: tsns ${ours}, docker ${theirs}\n`);
      }
    }),
  );
});
