// What became of commands that were under way when the dashboard ended, said once the terminal is given back: on standard error, however it
// ended.
import { writeSync } from "node:fs";
import { visible } from "../draw/cell.ts";
import { renderCommand, type Words } from "../model/action.ts";

/** Of commands that had not ended. */
export interface Left {
  /** With nobody to read what they say. */
  readonly running: readonly Words[];
  /** Their terminals went with the dashboard. */
  readonly hungUp: readonly Words[];
  readonly waiting: readonly Words[];
}

export const nothingLeft: Left = { running: [], hungUp: [], waiting: [] };

/** Named in one line; the others are counted. */
const most = 8;

function renderSome(commands: readonly Words[], one: string, several: string): readonly string[] {
  if (commands.length === 0) return [];
  const named = commands.slice(0, most).map((words) => visible(renderCommand(words)));
  const others = commands.length > most ? `; and ${commands.length - most} more` : "";
  const head = commands.length === 1 ? `1 command ${one}` : `${commands.length} commands ${several}`;
  return [`tsns: ${head}: ${named.join("; ")}${others}\n`];
}

/** A line for each kind there is; empty when nothing was left. Pure. */
export const renderFarewell = ({ running, hungUp, waiting }: Left): string =>
  [
    ...renderSome(running, "goes on", "go on"),
    ...renderSome(hungUp, "was hung up", "were hung up"),
    ...renderSome(waiting, "was not started", "were not started"),
  ].join("");

export interface Farewell extends Disposable {
  /** Asked when the dashboard ends. */
  left: () => Left;
}

/** To be opened before the screen, so that it is disposed after it; an end by an exception that nobody has caught is told of as well. */
export function openFarewell(): Farewell {
  function say(): void {
    process.off("exit", say);
    const text = renderFarewell(farewell.left());
    if (text === "") return;
    try {
      writeSync(2, text);
    } catch {
      // The terminal is gone (EIO), or takes nothing (EAGAIN): nobody is there to be told.
    }
  }
  const farewell: Farewell = { left: () => nothingLeft, [Symbol.dispose]: say };
  process.once("exit", say);
  return farewell;
}
