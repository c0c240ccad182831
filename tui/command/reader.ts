// A command that had the whole terminal has ended: what it said stays until somebody has read it.
import { spawn } from "node:child_process";
import { renderCommand, type Words } from "../model/action.ts";

/** Exit codes of commands that could not begin: the error is all there is to read. */
const neverBegan: ReadonlySet<number> = new Set([125, 126, 127]);
/** Those one was inside of until one left. */
const inside: ReadonlySet<string> = new Set(["attach", "exec", "run", "start", "stats", "top", "tui"]);

/** Whether nothing is left on the terminal that one has not seen. Pure. */
export const isReadBefore = (words: Words, code: number): boolean =>
  words.slice(0, 2).some((word) => inside.has(word)) && !neverBegan.has(code);

/** Until Enter, or the end of the terminal. */
export function waitForReader(words: Words, code: number): Promise<void> {
  const line = `\n[${renderCommand(words)}: ${code === 0 ? "done" : `ended with ${code}`}; Enter goes back] `;
  return new Promise((done) => {
    // The shell's read, of a terminal that makes lines, however the command has left it.
    spawn("/bin/sh", ["-c", 'stty sane 2>/dev/null; printf %s "$1"; read -r _', "sh", line], { stdio: "inherit" })
      .once("error", () => done())
      .once("close", () => done());
  });
}
