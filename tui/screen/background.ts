// Asking the terminal which colour its background has: xterm's OSC 11 (ctlseqs, "Operating System Commands"), which those that know it answer in the
// same form. One that does not know it says nothing.
import { type Ability, type AbilityOptions, type Env, isXtermLike } from "./ability.ts";

const question = "\x1b]11;?\x1b\\";

/** Like xterm in other things, but these show what they do not know as text. */
const isSimple = (term: string): boolean => /^(eterm|cygwin)/i.test(term);

/** Whether it is worth to ask: nobody has said it, and there are colours that depend on it. */
export const asksBackground = ({ TERM = "", COLORFGBG = "" }: Env, colours: number, { theme = "auto" }: AbilityOptions): boolean =>
  theme === "auto" && colours > 0 && COLORFGBG === "" && isXtermLike(TERM) && !isSimple(TERM);

/** Where text in black and text in white have the same contrast to a background (WCAG 2.2, relative luminance). */
const middle = Math.sqrt(1.05 * 0.05) - 0.05;

/** One part of a colour, 0 to 1, in light instead of numbers (IEC 61966-2-1). */
const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** `answer`: what an OSC says. Undefined for those that say something else than the background. */
export function isLightAnswer(answer: string): boolean | undefined {
  const digits = /^11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})(?:\/[\da-f]{1,4})?$/i.exec(answer)?.slice(1);
  if (!digits) return undefined;
  const [red = 0, green = 0, blue = 0] = digits.map((part) => linear(Number.parseInt(part, 16) / (16 ** part.length - 1)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > middle;
}

export interface Background {
  /** To be written once; empty where nothing is asked. */
  readonly question: string;
  /** What the terminal says; answers to others' questions mean nothing. */
  readonly answered: (text: string) => void;
}

/** `suit` is called when it is another background than the one that was taken for granted. */
export function openBackground(
  options: AbilityOptions & { readonly env: Env },
  ability: Ability,
  suit: (isLight: boolean) => void,
): Background {
  if (!asksBackground(options.env, ability.colours, options)) return { question: "", answered: () => {} };
  let { isLight } = ability;
  return {
    question,
    answered(text) {
      const found = isLightAnswer(text);
      if (found === undefined || found === isLight) return;
      isLight = found;
      suit(found);
    },
  };
}
