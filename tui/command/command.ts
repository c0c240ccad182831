// Commands of tsns that are run from the dashboard, each a process of its own: what it does is what the same words do in a shell.
import { type ChildProcess, spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { constants } from "node:os";
import { visible } from "../draw/cell.ts";
import { renderCommand, type Words } from "../model/action.ts";
import type { CommandPlace } from "../model/effect.ts";
import type { Message } from "../model/message.ts";
import type { Panes } from "../pane/pane.ts";
import { commandEnvironment } from "./environment.ts";
import type { Left } from "./farewell.ts";
import { isReadBefore, waitForReader } from "./reader.ts";

export interface Commands extends Disposable {
  /** `label`: what whoever asked finds it by among the commands. */
  run(words: Words, place: CommandPlace, label?: string): void;
  /** To a command that runs; one whose turn has not come is taken out of the queue; nothing for one that has ended. */
  signal(number: number, signal: NodeJS.Signals): void;
  /** What has not ended, without what is run for dialogs; as it was at the end once it is disposed. */
  left(): Left;
}

interface Running {
  readonly child: ChildProcess;
  readonly words: Words;
  readonly place: CommandPlace;
}

interface Waiting {
  readonly number: number;
  readonly words: Words;
  readonly place: CommandPlace;
  readonly label: string | undefined;
}

export interface CommandsOptions {
  /** Program and first arguments of tsns on the same data root. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly emit: (message: Message) => void;
  /** Gives the terminal to a command for as long as it runs. */
  readonly lend: (use: () => Promise<void>) => Promise<void>;
  /** What is to be known of a command that gets the whole terminal, before it does; undefined: nothing. */
  readonly before?: (words: Words) => string | undefined;
  /** Has a part of the screen for commands. */
  readonly panes: Pick<Panes, "start" | "ended">;
}

/** Exit status of a process that a signal ended, as shells have it. */
const signalBase = 128;
/** Of a program that cannot be started. */
const notStarted = 127;
/** Of a command that was called off: as if Ctrl-C had ended it. */
const calledOff = 130;

/** Commands behind the screen that run at once: an action may be one for each of hundreds of rows. */
const most = 8;

export function openCommands({ program, env, emit, lend, panes, before }: CommandsOptions): Commands {
  let count = 0;
  const running = new Map<number, Running>();
  const [file = "", ...first] = program;
  /** Its exit status, when it has ended and all it said has been read. */
  function start(number: number, words: Words, place: CommandPlace, label: string | undefined): Promise<number> {
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
    running.set(number, { child, words, place });
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
  async function onTerminal(number: number, words: Words, label: string | undefined): Promise<void> {
    const note = before?.(words);
    if (note !== undefined) writeSync(1, `\n[${visible(renderCommand(words))}: ${visible(note)}]\n`);
    const code = await start(number, words, "terminal", label);
    if (!isReadBefore(words, code)) await waitForReader(words, code);
  }
  const waiting: Waiting[] = [];
  let busy = 0;
  async function inTurn(first: Waiting): Promise<void> {
    busy++;
    for (let next: Waiting | undefined = first; next; next = waiting.shift()) await start(next.number, next.words, next.place, next.label);
    busy--;
  }
  function queue(one: Waiting): void {
    if (busy < most) return void inTurn(one);
    waiting.push(one);
    emit({ kind: "command.waiting", ...one, atMs: Date.now() });
  }
  function callOff(number: number): void {
    const at = waiting.findIndex((one) => one.number === number);
    if (at < 0) return;
    waiting.splice(at, 1);
    emit({ kind: "command.ended", number, code: calledOff, atMs: Date.now() });
  }
  let atEnd: Left | undefined;
  return {
    run(words, place, label) {
      const number = ++count;
      if (place === "terminal") void lend(() => onTerminal(number, words, label));
      else if (place === "watched" || place === "pane") void start(number, words, place, label);
      else queue({ number, words, place, label });
    },
    signal(number, signal) {
      const child = running.get(number)?.child;
      if (child) child.kill(signal);
      else callOff(number);
    },
    left: () => atEnd ?? leftOf([...running.values()], waiting),
    [Symbol.dispose]() {
      if (atEnd) return;
      atEnd = leftOf([...running.values()], waiting);
      // What has not begun is left undone; those on the terminal and in panes lose it with this process.
      waiting.length = 0;
      for (const { child } of running.values()) {
        if (!child.stdout) child.kill("SIGHUP");
        else if (!child.stdin) leave(child);
      }
    },
  };
}

function leftOf(running: readonly Running[], waiting: readonly Waiting[]): Left {
  const wordsOf = (all: readonly (Running | Waiting)[], ...places: readonly CommandPlace[]) =>
    all.filter(({ place }) => places.includes(place)).map(({ words }) => words);
  return {
    running: wordsOf(running, "quiet", "watched"),
    hungUp: wordsOf(running, "pane", "terminal"),
    waiting: wordsOf(waiting, "quiet"),
  };
}

/** What was begun goes on to its end, as it would in the background of a shell: somebody must go on to read what it says. */
function leave(child: ChildProcess): void {
  for (const stream of [child.stdout, child.stderr]) {
    // One that it has closed itself has nothing more to be read.
    if (!stream || stream.destroyed || stream.readableEnded) continue;
    stream.pause();
    spawn("cat", [], { stdio: [stream, "ignore", "ignore"], detached: true })
      .on("error", () => {})
      .unref();
    stream.destroy();
  }
  child.unref();
}
