// How each role looks: numbers that blessed keeps for a cell. Colours of the first sixteen, which every theme of a terminal
// has made readable on its own background; without colours weight and inversion alone.
import type { RawStyle, Role } from "../draw/cell.ts";

const flag = { bold: 1, underline: 2, inverse: 8 } as const;
const own = 0x1ff;

/** blessed's attribute of a cell: flags, foreground, background, nine bits each of the latter two. */
const attribute = (flags: number, foreground = own, background = own): number => (flags << 18) | (foreground << 9) | background;

export const plainAttribute = attribute(0);

const colour = { red: 1, green: 2, yellow: 3, blue: 4, magenta: 5, cyan: 6, gray: 8 } as const;

const colourful: Readonly<Record<Role, number>> = {
  plain: plainAttribute,
  dim: attribute(0, colour.gray),
  strong: attribute(flag.bold),
  title: plainAttribute,
  heading: attribute(flag.bold | flag.underline),
  key: attribute(flag.inverse),
  accent: attribute(0, colour.cyan),
  good: attribute(0, colour.green),
  warning: attribute(0, colour.yellow),
  bad: attribute(flag.bold, colour.red),
  border: attribute(0, colour.gray),
  focus: attribute(flag.bold, colour.cyan),
  chosen: attribute(flag.inverse | flag.bold),
  marked: attribute(flag.bold, colour.yellow),
  match: attribute(flag.inverse, colour.yellow),
  bar: attribute(0, colour.green),
  series1: attribute(0, colour.green),
  series2: attribute(0, colour.red),
  series3: attribute(0, colour.blue),
  series4: attribute(0, colour.magenta),
};

/** By weight alone: NO_COLOR, or a terminal that has none. */
const colourless = Object.fromEntries(Object.entries(colourful).map(([role, value]) => [role, attribute(value >> 18)])) as Readonly<
  Record<Role, number>
>;

export interface Theme {
  attributeOf(role: Role | undefined, raw: RawStyle | undefined): number;
}

export function themeOf(hasColours: boolean): Theme {
  const roles = hasColours ? colourful : colourless;
  return {
    attributeOf(role, raw) {
      if (!raw) return role ? roles[role] : plainAttribute;
      const flags = (raw.bold ? flag.bold : 0) | (raw.underline ? flag.underline : 0) | (raw.inverse ? flag.inverse : 0);
      const of = (value: number) => (value < 0 || !hasColours ? own : value);
      return attribute(flags, of(raw.foreground), of(raw.background));
    },
  };
}
