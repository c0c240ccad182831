// The end of a command, in words. Pure.
import type { CommandEntry } from "./part.ts";

/** What became of a command, in a few words. */
export function renderEnd({ code, signal, place, isWaiting }: Pick<CommandEntry, "code" | "signal" | "place" | "isWaiting">): string {
  if (isWaiting) return code === undefined ? "waits" : "not started";
  if (code === undefined) return "runs";
  if (signal !== undefined) return `ended by ${signal} (${code})`;
  if (code === 0) return "done";
  const meaning = place === "pane" || place === "terminal" ? undefined : meanings[code];
  return meaning === undefined ? `ended with ${code}` : `${meaning} (${code})`;
}

/** docker's exit codes; a command within a container may end with the same ones. */
const meanings: Readonly<Record<number, string>> = {
  1: "failed",
  125: "wrong use",
  126: "cannot be run",
  127: "not found",
  130: "interrupted",
};
