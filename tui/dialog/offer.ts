// The commands that a dialog offers to run: how they are shown, run and explained. Pure.
import { type Line, span } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import { renderCommand, type Words } from "../model/action.ts";
import type { CommandPlace, Effect } from "../model/effect.ts";
import type { KeyHint } from "../model/part.ts";

export interface Offer {
  readonly commands: readonly Words[];
  /** Of all, or of each. */
  readonly place: CommandPlace | ((words: Words) => CommandPlace);
}

/** Yes: away with the dialog, and go. */
export const acceptEffects = ({ commands, place }: Offer): readonly Effect[] => [
  { kind: "close" },
  ...commands.map((words): Effect => ({ kind: "command", words, place: typeof place === "function" ? place(words) : place })),
];

export const explainEffects = ({ commands }: Offer): readonly Effect[] => [{ kind: "explain", commands, form: "plan" }];

/** Keys that explain wherever no text is written; F2 does everywhere. */
export const explainKeys: ReadonlySet<string> = new Set(["f2", "!"]);

/** In at most so many rows. */
export function renderOffer({ commands }: Offer, columns: number, rows: number): readonly Line[] {
  const lines = commands.flatMap((words) =>
    wrapText(renderCommand(words), columns - 2).map((text, at): Line => [span(at === 0 ? "$ " : "  ", "dim"), span(text, "accent")]),
  );
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, Math.max(rows - 1, 0)), [span(`  and ${lines.length - rows + 1} lines more`, "dim")]];
}

export const offerHints = (does: string, key = "Enter"): readonly KeyHint[] => [
  { key, does, isShown: true },
  { key: "F2", does: "explain", isShown: true },
  { key: "Esc", does: "away", isShown: true },
];
