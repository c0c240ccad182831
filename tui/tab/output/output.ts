// The tab with what the chosen command said. Pure.
import { outputLines } from "../../dialog/output.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "../../dialog/scroll.ts";
import { type Line, line } from "../../draw/cell.ts";
import type { CommandEntry, Part, Surroundings } from "../../model/part.ts";

interface State {
  /** Number of the command that `top` is of. */
  readonly of: string;
  /** First line that is seen; undefined: the end. */
  readonly top: number | undefined;
}

function linesOf({ chosen, commands, size }: Surroundings): readonly Line[] {
  const entry = commands.find(({ number }) => `${number}` === chosen?.id);
  if (!entry) return [line("it is not remembered any more", "dim")];
  if (entry.place === "terminal" || entry.place === "pane") return [line("it had a terminal of its own", "dim")];
  const lines = outputLines(entry, size.columns);
  return lines.length > 0 ? lines : [line(nothingOf(entry), "dim")];
}

function nothingOf({ code, isWaiting }: CommandEntry): string {
  if (isWaiting) return code === undefined ? "its turn has not come: K calls it off" : "it was called off before its turn came";
  return code === undefined ? "nothing yet" : "it said nothing";
}

export const outputTab: Part<State> = {
  name: "output",
  title: "Output",
  initial: { of: "", top: undefined },
  needs: () => [],
  update(state, message, around) {
    const count = linesOf(around).length;
    const room = windowHeight(count, around.size.rows);
    const end = Math.max(count - room, 0);
    const of = around.chosen?.id ?? "";
    const top = scrolled((state.of === of ? state.top : undefined) ?? end, message, count, room);
    return top === undefined ? { state, isUnused: true } : { state: { of, top: top >= end ? undefined : top } };
  },
  draw(state, around) {
    const lines = linesOf(around);
    const { rows } = around.size;
    const top = (state.of === around.chosen?.id ? state.top : undefined) ?? lines.length;
    return { lines: windowOf(lines, boundedTop(top, lines.length, windowHeight(lines.length, rows)), rows) };
  },
  keys: () => [{ key: "Up Down", does: "scroll", isShown: true }],
};
