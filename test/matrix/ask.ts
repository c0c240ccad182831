// Asks a whole world and compares each cell with its verdict. Knows neither policy nor rule sets.
import type { Test } from "tap";
import { type Cell, cellName, cellsFrom } from "./cell.ts";
import type { World } from "./world.ts";

/** All cells of all origins at the same time; an assertion for each origin. */
export async function expectAll(t: Test, world: World, verdict: (cell: Cell) => string): Promise<void> {
  const asked = world.extent.places.map(async (origin) => {
    const cells = cellsFrom(origin, world.extent);
    const found = await world.ask(origin, cells, verdict);
    t.same(found, Object.fromEntries(cells.map((cell) => [cellName(cell), verdict(cell)])), `${cells.length} cells from ${origin}`);
  });
  await Promise.all(asked);
}
