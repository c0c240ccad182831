// Commands of tsns that are run from the dashboard, each a process of its own: what it does is what the same words do in a shell.
import { spawn } from "node:child_process";
import type { CommandPlace } from "../model/effect.ts";
import type { Message } from "../model/message.ts";

export interface Commands extends Disposable {
  run(words: readonly string[], place: CommandPlace): void;
}

export interface CommandsOptions {
  /** Program and first arguments of tsns on the same data root. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: (message: Message) => void;
  /** Gives the terminal to a command for as long as it runs. */
  readonly lend: (use: () => Promise<void>) => Promise<void>;
}

/** Exit status of a process that a signal ended, as shells have it. */
const signalBase = 128;

export function openCommands({ program, env, emit, lend }: CommandsOptions): Commands {
  let count = 0;
  const running = new Set<ReturnType<typeof spawn>>();
  function start(words: readonly string[], isOnTerminal: boolean): Promise<void> {
    const number = ++count;
    const [file = "", ...first] = program;
    emit({ kind: "command.started", number, words, atMs: Date.now() });
    const stdio = isOnTerminal ? "inherit" : (["ignore", "pipe", "pipe"] as const);
    const child = spawn(file, [...first, ...words], {
      env,
      stdio: [...(stdio === "inherit" ? (["inherit", "inherit", "inherit"] as const) : stdio)],
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => emit({ kind: "command.output", number, text }));
    }
    return new Promise((done) => {
      const end = (code: number) => {
        running.delete(child);
        emit({ kind: "command.ended", number, code, atMs: Date.now() });
        done();
      };
      child.once("error", (error) => {
        emit({ kind: "command.output", number, text: error.message });
        end(127);
      });
      child.once("close", (code, signal) => end(code ?? signalBase + (signal ? 15 : 0)));
    });
  }
  return {
    run(words, place) {
      if (place === "terminal") void lend(() => start(words, true));
      else void start(words, false);
    },
    [Symbol.dispose]() {
      // What was begun goes on to its end, as it would in the background of a shell.
      for (const child of running) child.unref();
    },
  };
}
