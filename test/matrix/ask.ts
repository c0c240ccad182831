// Asks a whole world and compares each cell with its verdict. Knows neither policy nor rule sets.
import type { Test } from "tap";
import { type Cell, cellName, cellsFrom } from "./cell.ts";
import type { World } from "./world.ts";

type Verdicts = Readonly<Record<string, string>>;

/** Cells that came out otherwise, the first ones by name; "" for none. */
function tellDifferences(found: Verdicts, wanted: Verdicts): string {
  const names = Object.keys(wanted).filter((name) => found[name] !== wanted[name]);
  const told = names.slice(0, 6).map((name) => `${name}: ${found[name]}, not ${wanted[name]}`);
  return names.length === 0 ? "" : `, ${names.length} otherwise: ${told.join("; ")}`;
}

/** All cells of all origins at the same time; an assertion for each origin. */
export async function expectAll(t: Test, world: World, verdict: (cell: Cell) => string): Promise<void> {
  const asked = world.extent.places.map(async (origin) => {
    const cells = cellsFrom(origin, world.extent);
    const found = await world.ask(origin, cells, verdict);
    const wanted = Object.fromEntries(cells.map((cell) => [cellName(cell), verdict(cell)]));
    t.same(found, wanted, `${cells.length} cells from ${origin}${tellDifferences(found, wanted)}`);
  });
  await Promise.all(asked);
}
