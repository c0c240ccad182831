// Where charts lie in a room: as many as can be read, in equal parts of it. Pure.
import type { Area, Size } from "../../draw/cell.ts";

/** Less than that says nothing. */
const least: Size = { columns: 30, rows: 6 };

export interface Grid {
  readonly across: number;
  readonly down: number;
}

/** For at most `count`: as many as fit, rather beside each other than above. */
export function gridOf({ columns, rows }: Size, count: number): Grid {
  const most = Math.max(Math.min(Math.floor(columns / least.columns), count), 1);
  const down = Math.max(Math.min(Math.floor(rows / least.rows), Math.ceil(count / most)), 1);
  // Equal rows: four are two and two, not three and one.
  return { across: Math.min(most, Math.ceil(count / down)), down };
}

/** The area of each place of the grid; what division leaves goes to the last. */
export function areasOf({ columns, rows }: Size, { across, down }: Grid): readonly Area[] {
  const width = Math.floor(columns / across);
  const height = Math.floor(rows / down);
  return Array.from({ length: across * down }, (_, place) => {
    const [column, row] = [place % across, Math.floor(place / across)];
    return {
      left: column * width,
      top: row * height,
      // A column stays free, or the words of one would go on in the next.
      columns: column === across - 1 ? columns - column * width : width - 1,
      rows: row === down - 1 ? rows - row * height : height,
    };
  });
}
