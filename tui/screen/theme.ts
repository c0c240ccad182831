// How each role looks: numbers that blessed keeps for a cell. With 256 colours they are chosen for the background; with fewer they are the
// terminal's own, which its owner has made readable; without any, weight and inversion alone.
import type { RawStyle, Role } from "../draw/cell.ts";
import type { Ability } from "./ability.ts";

const flag = { bold: 1, underline: 2, inverse: 8 } as const;
const own = 0x1ff;

/** blessed's attribute of a cell: flags, foreground, background, nine bits each of the latter two. */
const attribute = (flags: number, foreground = own, background = own): number => (flags << 18) | (foreground << 9) | background;

export const plainAttribute = attribute(0);

type Colour = "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "gray";
type Palette = Readonly<Record<Colour, number>>;

/** Contrast of at least 4.5 to black and to white, of 5.5 as a rule. */
const darkPalette: Palette = { red: 203, green: 114, yellow: 221, blue: 75, magenta: 176, cyan: 80, gray: 246 };
const lightPalette: Palette = { red: 124, green: 22, yellow: 94, blue: 25, magenta: 90, cyan: 23, gray: 240 };
/** The first sixteen; yellow and cyan are hard to see on white, and gray is not there among eight. */
const fewPalette: Palette = { red: 1, green: 2, yellow: 3, blue: 4, magenta: 5, cyan: 6, gray: own };
const fewLightPalette: Palette = { ...fewPalette, yellow: 5, cyan: 4 };

function paletteOf({ colours, isLight }: Ability): Palette {
  if (colours === 256) return isLight ? lightPalette : darkPalette;
  const few = isLight ? fewLightPalette : fewPalette;
  return colours === 16 ? { ...few, gray: 8 } : few;
}

const lookOf = (palette: Palette): Readonly<Record<Role, number>> => ({
  plain: plainAttribute,
  dim: attribute(0, palette.gray),
  strong: attribute(flag.bold),
  title: plainAttribute,
  heading: attribute(flag.bold | flag.underline),
  key: attribute(flag.inverse),
  accent: attribute(0, palette.cyan),
  good: attribute(0, palette.green),
  warning: attribute(0, palette.yellow),
  bad: attribute(flag.bold, palette.red),
  border: attribute(0, palette.gray),
  focus: attribute(flag.bold, palette.cyan),
  chosen: attribute(flag.inverse | flag.bold),
  marked: attribute(flag.bold, palette.yellow),
  match: attribute(flag.inverse, palette.yellow),
  bar: attribute(0, palette.green),
  series1: attribute(0, palette.green),
  series2: attribute(0, palette.red),
  series3: attribute(0, palette.blue),
  series4: attribute(0, palette.magenta),
});

export interface Theme {
  attributeOf(role: Role | undefined, raw: RawStyle | undefined): number;
}

/** A colour of the 256 where the terminal has that many; blessed makes the nearest of fewer. */
const rawColour = (value: number, colours: number): number => (value < 0 || value > 255 || colours === 0 ? own : value);

export function themeOf(ability: Ability): Theme {
  const colourful = lookOf(paletteOf(ability));
  const roles =
    ability.colours > 0
      ? colourful
      : (Object.fromEntries(Object.entries(colourful).map(([role, value]) => [role, attribute(value >> 18)])) as typeof colourful);
  return {
    attributeOf(role, raw) {
      if (!raw) return role ? roles[role] : plainAttribute;
      const flags = (raw.bold ? flag.bold : 0) | (raw.underline ? flag.underline : 0) | (raw.inverse ? flag.inverse : 0);
      return attribute(flags, rawColour(raw.foreground, ability.colours), rawColour(raw.background, ability.colours));
    },
  };
}

/** The number of a role's colour, for charts; undefined where the terminal's own is meant. */
export function colourOf(theme: Theme, role: Role): number | undefined {
  const foreground = (theme.attributeOf(role, undefined) >> 9) & own;
  return foreground === own ? undefined : foreground;
}
