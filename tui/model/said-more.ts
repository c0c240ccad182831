// What is said in the last line and has no room there: the key that shows the whole of it, and what that opens. Pure.
import { outputDialog } from "../dialog/output.ts";
import { textDialog } from "../dialog/text.ts";
import { widthOf } from "../draw/cell.ts";
import type { Effect } from "./effect.ts";
import type { State } from "./state.ts";

export const moreKey = { name: "f8", shown: "F8" } as const;

/** Whether there is more of it than the line shows. */
export function hasMore({ said, size, commands }: Pick<State, "said" | "size" | "commands">): boolean {
  if (!said) return false;
  if (widthOf([{ text: said.text }]) + 1 > size.columns) return true;
  const lines = commands.find(({ number }) => number === said.number)?.output.lines ?? [];
  return said.number !== undefined && lines.filter((text) => text.trim() !== "").length > 1;
}

/** What the key does while such a line is there; undefined: the key is somebody else's. */
export function moreEffects(state: State, key: string): readonly Effect[] | undefined {
  const { said } = state;
  if (key !== moreKey.name || !said || !hasMore(state)) return undefined;
  const dialog = said.number === undefined ? textDialog("Said", said.text, said.role) : outputDialog(said.number);
  return [{ kind: "open", dialog }];
}
