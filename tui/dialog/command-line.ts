// The prompt for any command line of tsns. Pure.
import type { Effect } from "../model/effect.ts";
import { needsTerminal, splitWords } from "../model/words.ts";
import { promptDialog } from "./form.ts";
import type { Offer } from "./offer.ts";

function offerOf(text: string): Offer | string {
  const split = splitWords(text);
  if ("problem" in split) return split.problem;
  if (split.words.length === 0) return "write a command: ps -a";
  return { commands: [split.words], place: needsTerminal(split.words) ? "terminal" : "watched" };
}

/** Opens it, with words that stand there already. */
export const promptEffects = (value = ""): readonly Effect[] => [
  {
    kind: "open",
    dialog: promptDialog({
      title: "Command",
      field: { name: "words", title: "tsns", value, hint: "words as in a shell; what talks with you gets the terminal" },
      history: "command",
      offer: offerOf,
    }),
  },
];
