// What the terminal can do, from what the environment says of it and its entry in terminfo: signs, colours, its background, or why it
// cannot show a dashboard. Pure.
import { TsnsError } from "../../src/base/error.ts";
import type { Terminfo } from "./terminfo.ts";

export type ThemeName = "auto" | "dark" | "light" | "none";

export type Env = Readonly<Record<string, string | undefined>>;

export interface Ability {
  readonly isUnicode: boolean;
  /** 0 where there are none, or none are wanted. */
  readonly colours: 0 | 8 | 16 | 256;
  readonly isLight: boolean;
}

export interface AbilityOptions {
  readonly theme?: ThemeName;
  readonly isAscii?: boolean;
}

/** Terminals that understand xterm's sequences, whether or not the machine has an entry for them. */
export const isXtermLike = (term: string): boolean =>
  /^(xterm|screen|tmux|[am]?rxvt|alacritty|foot|kitty|wezterm|ghostty|st(-|$)|konsole|vte|gnome|putty|contour|mintty|mlterm|iterm|nsterm|rio|eterm|cygwin)/i.test(
    term,
  );

/** Why there can be no dashboard on it. `info`: its entry, if there is one. */
export function refusalOf(term: string | undefined, info: Terminfo | undefined): TsnsError | undefined {
  const refuse = (message: string) =>
    new TsnsError("unsupported", "bad-terminal", message, { hint: "set TERM to what the terminal is, such as xterm-256color" });
  if (!term) return refuse("TERM is not set, so nothing is known of the terminal");
  if (info && !info.canMove) return refuse(`a terminal of kind ${term} cannot move its cursor, which the dashboard needs`);
  if (info) return info.isAnsi ? undefined : refuse(`a terminal of kind ${term} has sequences unlike VT100's, which the dashboard writes`);
  return isXtermLike(term) ? undefined : refuse(`the terminal ${term} is unknown here: terminfo has no entry for it`);
}

/** The locale of characters, as setlocale(3) chooses it. */
const localeOf = ({ LC_ALL, LC_CTYPE, LANG }: Env): string => LC_ALL || LC_CTYPE || LANG || "";

/** Their fonts have no lines, marks and dots beyond ASCII that could be counted on. */
const isPoorFont = (term: string): boolean => /^(linux|vt\d|ansi|cons|sun|dumb)/i.test(term);

/** Black and blue on COLORFGBG's scale of sixteen are dark, and so are the dim ones; white and its like are light. */
function isLightBackground(pair: string | undefined): boolean {
  const background = pair?.split(";").at(-1);
  return background !== undefined && /^\d+$/.test(background) && (Number(background) === 7 || Number(background) > 8);
}

function coloursOf(env: Env, info: Terminfo | undefined): Ability["colours"] {
  const term = env.TERM ?? "";
  if (/256color|-direct/.test(term)) return 256;
  // It may have been inherited from another terminal: one that is not like xterm is what terminfo says.
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? "") && isXtermLike(term)) return 256;
  const known = info ? info.colours : 256;
  if (known >= 256) return 256;
  return known >= 16 ? 16 : known >= 8 ? 8 : 0;
}

export function abilityOf(env: Env, info: Terminfo | undefined, { theme = "auto", isAscii = false }: AbilityOptions = {}): Ability {
  const isColourless = theme === "none" || (env.NO_COLOR ?? "") !== "";
  return {
    isUnicode: !isAscii && /utf-?8/i.test(localeOf(env)) && !isPoorFont(env.TERM ?? ""),
    colours: isColourless ? 0 : coloursOf(env, info),
    isLight: theme === "light" || (theme === "auto" && isLightBackground(env.COLORFGBG)),
  };
}
