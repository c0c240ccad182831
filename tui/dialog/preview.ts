// What a command said that was run for a dialog, as lines. Pure.
import { type Line, line } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import type { CommandEntry } from "../model/part.ts";

/** Whether it has ended well and said nothing: nothing would be done. */
export function hasNothing(commands: readonly CommandEntry[], label: string): boolean {
  const entry = commands.findLast((candidate) => candidate.label === label);
  return entry?.code === 0 && entry.output.lines.every((text) => text.trim() === "");
}

/** `label`: of the command; the newest of that label counts. */
export function renderPreview(commands: readonly CommandEntry[], label: string, columns: number): readonly Line[] {
  const entry = commands.findLast((candidate) => candidate.label === label);
  if (!entry) return [line("...", "dim")];
  const said = entry.output.lines.flatMap((text) => wrapText(text, columns).map((part) => line(part)));
  if (entry.code === undefined) return [...said, line("...", "dim")];
  if (entry.code !== 0) return [...said, line(`it ended with ${entry.code}`, "bad")];
  return hasNothing(commands, label) ? [line("nothing would be done", "dim")] : said;
}
