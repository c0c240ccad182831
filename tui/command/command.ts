// Commands of tsns that are run from the dashboard, each a process of its own: what it does is what the same words do in a shell.
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Words } from "../model/action.ts";
import type { CommandPlace } from "../model/effect.ts";
import type { Message } from "../model/message.ts";
import type { Panes } from "../pane/pane.ts";
import { commandEnvironment } from "./environment.ts";
import { isReadBefore, waitForReader } from "./reader.ts";

export interface Commands extends Disposable {
  /** `label`: what whoever asked finds it by among the commands. */
  run(words: Words, place: CommandPlace, label?: string): void;
  /** To a command that runs; nothing for one that has ended. */
  signal(number: number, signal: NodeJS.Signals): void;
}

export interface CommandsOptions {
  /** Program and first arguments of tsns on the same data root. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: (message: Message) => void;
  /** Gives the terminal to a command for as long as it runs. */
  readonly lend: (use: () => Promise<void>) => Promise<void>;
  /** Has a part of the screen for commands. */
  readonly panes: Pick<Panes, "start" | "ended">;
}

/** Exit status of a process that a signal ended, as shells have it. */
const signalBase = 128;
/** Of a program that cannot be started. */
const notStarted = 127;

/** Commands behind the screen that run at once: an action may be one for each of hundreds of rows. */
const most = 8;

export function openCommands({ program, env, emit, lend, panes }: CommandsOptions): Commands {
  let count = 0;
  const running = new Map<number, ChildProcess>();
  const [file = "", ...first] = program;
  /** Its exit status, when it has ended and all it said has been read. */
  function start(words: Words, place: CommandPlace, label: string | undefined): Promise<number> {
    const number = ++count;
    const isOnTerminal = place === "terminal";
    emit({ kind: "command.started", number, words, place, label, atMs: Date.now() });
    const child =
      place === "pane"
        ? panes.start(number, words, [...program, ...words], commandEnvironment(env, true))
        : spawn(file, [...first, ...words], {
            env: commandEnvironment(env, isOnTerminal),
            stdio: isOnTerminal ? "inherit" : ["ignore", "pipe", "pipe"],
            // A session of its own: what becomes of the dashboard's terminal is nothing to it.
            detached: !isOnTerminal,
          });
    running.set(number, child);
    for (const stream of place === "pane" ? [child.stderr] : [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => emit({ kind: "command.output", number, text }));
    }
    return new Promise((done) => {
      const end = (code: number, signal?: string) => {
        if (!running.delete(number)) return;
        emit({ kind: "command.ended", number, code, signal, atMs: Date.now() });
        if (place === "pane") panes.ended(number, code);
        done(code);
      };
      child.once("error", (error) => {
        emit({ kind: "command.output", number, text: error.message });
        end(notStarted);
      });
      child.once("close", (code, signal) => {
        if (signal === null) end(code ?? 0);
        else end(signalBase + constants.signals[signal], signal);
      });
    });
  }
  async function onTerminal(words: Words, label: string | undefined): Promise<void> {
    const code = await start(words, "terminal", label);
    if (!isReadBefore(words, code)) await waitForReader(words, code);
  }
  const waiting: (() => Promise<number>)[] = [];
  let busy = 0;
  async function inTurn(): Promise<void> {
    if (busy >= most) return;
    busy++;
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
    busy--;
  }
  return {
    run(words, place, label) {
      if (place === "terminal") void lend(() => onTerminal(words, label));
      else if (place === "watched" || place === "pane") void start(words, place, label);
      else {
        waiting.push(() => start(words, place, label));
        void inTurn();
      }
    },
    signal(number, signal) {
      running.get(number)?.kill(signal);
    },
    [Symbol.dispose]() {
      // What has not begun is left undone; those on the terminal and in panes lose it with this process.
      waiting.length = 0;
      for (const child of running.values()) {
        if (!child.stdout) child.kill("SIGHUP");
        else if (!child.stdin) leave(child);
      }
    },
  };
}

/** What was begun goes on to its end, as it would in the background of a shell: somebody must go on to read what it says. */
function leave(child: ChildProcess): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    stream.pause();
    spawn("cat", [], { stdio: [stream, "ignore", "ignore"], detached: true })
      .on("error", () => {})
      .unref();
    stream.destroy();
  }
  child.unref();
}
