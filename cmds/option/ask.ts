// A question on the terminal and the line that answers it, hidden where it is a secret. Knows no command.
import { openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";

const interrupt = "\u0003";
const endOfFile = "\u0004";
const erase = ["\u007f", "\b"];

/** The line without its end. The terminal is read in raw mode, so that nothing shows; it is put back whatever happens. Throws interrupted on ^C. */
export async function askLine(context: Context, question: string, { isShown }: { readonly isShown: boolean }): Promise<string> {
  const terminal = new ReadStream(openSync("/dev/tty", "r+"));
  // before the question: it may be answered as soon as it is seen
  terminal.setRawMode(true);
  context.stderr.write(question);
  const abort = () => terminal.destroy();
  context.signal.addEventListener("abort", abort);
  try {
    return await readLine(terminal, (text) => isShown && context.stderr.write(text));
  } finally {
    context.signal.removeEventListener("abort", abort);
    if (!terminal.destroyed) {
      terminal.setRawMode(false);
      terminal.destroy();
    }
    context.stderr.write("\n");
  }
}

async function readLine(terminal: ReadStream, echo: (text: string) => void): Promise<string> {
  let line: string[] = [];
  for await (const bytes of terminal) {
    for (const letter of Buffer.from(bytes).toString("utf8")) {
      if (letter === "\r" || letter === "\n" || letter === endOfFile) return line.join("");
      if (letter === interrupt) throw new TsnsError("interrupted", "interrupted", "interrupted");
      if (erase.includes(letter)) {
        if (line.length > 0) echo("\b \b");
        line = line.slice(0, -1);
      } else if (letter >= " ") {
        line.push(letter);
        echo(letter);
      }
    }
  }
  throw new TsnsError("interrupted", "interrupted", "interrupted");
}
