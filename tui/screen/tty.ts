// The terminal as a device: bytes in and out, its size, its modes, and the signals that concern them. Output never blocks the process:
// what a slow terminal does not take waits, and whoever draws can wait with it. Knows no cells and no keys.
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { ReadStream } from "node:tty";
import { TsnsError } from "../../src/base/error.ts";
import type { Size } from "../draw/cell.ts";
import { openKeySignals } from "./key-signal.ts";

export interface TtyEvents {
  readonly input: (text: string) => void;
  readonly resize: () => void;
  /** All that was written has been taken. */
  readonly idle: () => void;
  /** Why the dashboard has to end; undefined when the terminal is gone and nobody is left to be told. */
  readonly end: (error: TsnsError | undefined) => void;
  /** A signal asks to stop (SIGTSTP). */
  readonly stop: () => void;
  /** Continued after a stop: the terminal may be in any mode. */
  readonly continued: () => void;
}

export interface Tty extends Disposable {
  readonly size: Size;
  /** Something written still waits. */
  readonly isBusy: boolean;
  write(text: string): void;
  /** Waits a moment at most until all is taken. */
  drain(): void;
  /** Every key at once and unchanged; back as it was before. */
  setRaw(isRaw: boolean): void;
  /** While another program has the terminal its keys' signals are its own. */
  lent: boolean;
  /** Stops this process as Ctrl-Z does; returns when it goes on. */
  stop(): Promise<void>;
}

/** Signals that end the dashboard, and their numbers. */
const endings = { SIGTERM: 15, SIGINT: 2, SIGHUP: 1, SIGQUIT: 3 } as const;
type Ending = keyof typeof endings;

const retryMs = 15;
/** So long a terminal that takes nothing holds up the end. */
const drainMs = 500;

/** The terminal behind descriptor 1 once more, so that no other program's descriptor is made non-blocking. */
function openOutput(): { readonly fd: number; readonly isOwn: boolean } {
  try {
    return { fd: openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY), isOwn: true };
  } catch {
    // Somebody else's terminal, as after su: the inherited descriptor may be written to.
    return { fd: 1, isOwn: false };
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

interface Output extends Disposable {
  readonly isBusy: boolean;
  write(text: string): void;
  drain(): void;
}

function openWriter(idle: () => void, gone: () => void): Output {
  const { fd, isOwn } = openOutput();
  let waiting: Buffer[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isGone = false;
  /** True when nothing waits any more. */
  function push(): boolean {
    while (!isGone) {
      const [first] = waiting;
      if (!first) return true;
      try {
        const written = writeSync(fd, first);
        if (written === first.length) waiting.shift();
        else waiting[0] = first.subarray(written);
      } catch (error) {
        if (codeOf(error) === "EAGAIN") return false;
        if (codeOf(error) === "EINTR") continue;
        isGone = true;
        waiting = [];
        gone();
      }
    }
    return true;
  }
  function later(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (push()) idle();
      else later();
    }, retryMs);
  }
  return {
    get isBusy() {
      return waiting.length > 0;
    },
    write(text) {
      if (isGone || text === "") return;
      waiting.push(Buffer.from(text));
      if (timer === undefined && !push()) later();
    },
    drain() {
      const pause = new Int32Array(new SharedArrayBuffer(4));
      for (let left = drainMs; left > 0 && !push(); left -= retryMs) Atomics.wait(pause, 0, 0, retryMs);
      clearTimeout(timer);
      timer = undefined;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      if (isOwn) closeSync(fd);
    },
  };
}

/**
 * False where no shell could continue this process, so that Ctrl-Z cannot stop it either: it leads its session, as whatever sshd or tmux
 * begin. By proc_pid_stat(5): state, ppid, pgrp, session behind the name.
 */
export function canStop(): boolean {
  const [, , , session] = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return session !== String(process.pid);
}

/** What stty(1) needs to make the modes as they are now again. */
function readModes(): string | undefined {
  try {
    return execFileSync("stty", ["-g"], { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function writeModes(modes: string | undefined): void {
  if (modes === undefined) return;
  try {
    execFileSync("stty", [modes], { stdio: ["inherit", "ignore", "ignore"] });
  } catch {
    // The terminal is gone, or belongs to another job by now.
  }
}

/** The listeners stay until the process ends: a second signal must not break off what the first has begun. */
function onEndings(act: (signal: Ending) => void): void {
  for (const signal of Object.keys(endings) as Ending[]) process.on(signal, () => act(signal));
}

export function openTty(events: TtyEvents): Tty {
  const input: ReadStream = process.stdin;
  const gone = () => events.end(undefined);
  const output = openWriter(events.idle, gone);
  const keySignals = openKeySignals();
  let isOpen = true;
  let modes: string | undefined;
  const decoder = new StringDecoder("utf8");
  const take = (data: Buffer) => events.input(decoder.write(data));
  input.on("data", take).on("end", gone).on("error", gone);
  const resize = () => events.resize();
  process.stdout.on("resize", resize);
  const undo: (() => void)[] = [];
  onEndings((signal) => {
    if (!isOpen || (!keySignals.areOurs && (signal === "SIGINT" || signal === "SIGQUIT"))) return;
    const exitCode = 128 + endings[signal];
    events.end(new TsnsError("interrupted", "signal", `ended by ${signal}`, { exitCode }));
  });
  const onStop = () => events.stop();
  const onContinue = () => {
    if (!keySignals.isLent) events.continued();
  };
  process.on("SIGCONT", onContinue);
  process.on("SIGTSTP", onStop);
  undo.push(
    () => process.off("SIGCONT", onContinue),
    () => process.off("SIGTSTP", onStop),
  );
  return {
    get size() {
      const { columns, rows } = process.stdout;
      return { columns: columns || 80, rows: rows || 24 };
    },
    get isBusy() {
      return output.isBusy;
    },
    write: (text) => output.write(text),
    drain: () => output.drain(),
    setRaw(isRaw) {
      if (input.destroyed) return;
      try {
        input.setRawMode(isRaw);
      } catch {
        // EIO: the terminal is gone, which its end tells.
      }
      if (isRaw) input.resume();
      else input.pause();
    },
    get lent() {
      return keySignals.isLent;
    },
    set lent(lend) {
      if (lend === keySignals.isLent) return;
      if (lend) {
        keySignals.lend();
        modes = readModes();
        process.off("SIGTSTP", onStop);
      } else {
        writeModes(modes);
        keySignals.takeBack();
        process.on("SIGTSTP", onStop);
      }
    },
    async stop() {
      process.off("SIGTSTP", onStop);
      process.off("SIGCONT", onContinue);
      process.kill(process.pid, "SIGTSTP");
      // Stopped here, or not at all where nobody could continue it (a process group without a shell); the signal may take a moment.
      await new Promise((done) => setTimeout(done, 2 * retryMs));
      process.on("SIGTSTP", onStop);
      process.on("SIGCONT", onContinue);
    },
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      output.drain();
      // A terminal that takes nothing takes no error either: the next signal must be able to end the wait for it.
      if (output.isBusy) for (const signal of Object.keys(endings)) process.removeAllListeners(signal);
      output[Symbol.dispose]();
      input.off("data", take).off("end", gone);
      input.pause();
      process.stdout.off("resize", resize);
      for (const act of undo) act();
    },
  };
}
