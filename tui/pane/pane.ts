// Programs in panes: each on a terminal of its own (tsns-sandbox terminal), whose output an emulator reads. Effects: processes.
import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { Size } from "../draw/cell.ts";
import type { Words } from "../model/action.ts";
import type { Message } from "../model/message.ts";
import type { Key, Mouse } from "../model/part.ts";
import type { Emulator } from "./emulator.ts";
import { encodeKey, encodeMouse, encodeWheel, tracksWheel } from "./encode.ts";

export interface Panes extends Disposable {
  /** Starts a command in a pane; that it has ended is the caller's to tell. */
  start(number: number, words: Words, argv: readonly string[], env: Environment): ChildProcess;
  key(number: number, key: Key): void;
  mouse(number: number, mouse: Mouse): void;
  ended(number: number, code: number): void;
  /** Hangs the program up, if it still runs. */
  close(number: number): void;
  /** The pane on the screen and its size: only that one is told of. */
  show(shown: { readonly number: number; readonly size: Size } | undefined): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface PanesOptions {
  /** Program and first arguments of what gives a program its terminal. */
  readonly host: readonly string[];
  readonly emit: (message: Message) => void;
}

interface Pane {
  readonly child: ChildProcess;
  size: Size;
  emulator: Emulator | undefined;
  /** Done when the emulator is there. */
  loaded: Promise<void>;
  /** Came before that. */
  early: Uint8Array[];
  isDue: boolean;
}

const firstSize: Size = { columns: 80, rows: 24 };
/** Between two drawings of a program that shows much. */
const drawMs = 33;

/** What a program in a pane is to know of its terminal, and not of the one around it. */
const inPane = ({ TMUX, TMUX_PANE, STY, COLUMNS, LINES, COLORTERM, VTE_VERSION, TERM_PROGRAM, ...others }: Environment): Environment => ({
  ...others,
  TERM: "xterm-256color",
});

export function openPanes({ host, emit }: PanesOptions): Panes {
  const panes = new Map<number, Pane>();
  let shown: number | undefined;
  function tell(number: number, pane: Pane): void {
    pane.isDue = false;
    if (!pane.emulator || shown !== number || !panes.has(number)) return;
    emit({ kind: "pane.shown", number, ...pane.emulator.screen() });
  }
  function changed(number: number, pane: Pane): void {
    if (pane.isDue) return;
    pane.isDue = true;
    setTimeout(() => tell(number, pane), drawMs);
  }
  async function load(number: number, pane: Pane): Promise<void> {
    const { openEmulator } = await import("./emulator.ts");
    if (!panes.has(number)) return;
    const answer = (text: string) => type(pane, text);
    pane.emulator = openEmulator(pane.size, () => changed(number, pane), answer);
    for (const bytes of pane.early.splice(0)) read(pane, bytes);
  }
  return {
    start(number, words, argv, env) {
      const child = spawnHosted([...host, "3", String(firstSize.rows), String(firstSize.columns), ...argv], env);
      const pane: Pane = { child, size: firstSize, emulator: undefined, loaded: Promise.resolve(), early: [], isDue: false };
      panes.set(number, pane);
      child.stdout?.on("data", (bytes: Buffer) => read(pane, bytes));
      emit({ kind: "pane.opened", number, words });
      pane.loaded = load(number, pane).catch((error: Error) => emit({ kind: "failed", text: `no pane can be drawn: ${error.message}` }));
      return child;
    },
    key(number, key) {
      const pane = panes.get(number);
      if (!pane?.emulator) return;
      if (key.name === "S-pageup") pane.emulator.scroll(-1);
      else if (key.name === "S-pagedown") pane.emulator.scroll(1);
      else {
        if (pane.emulator.scrolled > 0) pane.emulator.scroll(0);
        type(pane, encodeKey(key, pane.emulator.modes));
      }
    },
    mouse(number, mouse) {
      const pane = panes.get(number);
      if (pane?.emulator) point(pane, pane.emulator, mouse);
    },
    ended(number, code) {
      const pane = panes.get(number);
      if (!pane) return;
      const tellEnd = () => {
        tell(number, pane);
        emit({ kind: "pane.ended", number, code });
      };
      // The emulator reads a little behind the program.
      void pane.loaded.then(() => pane.emulator?.write(new Uint8Array(), tellEnd));
    },
    close(number) {
      const pane = panes.get(number);
      if (!pane) return;
      panes.delete(number);
      pane.emulator?.[Symbol.dispose]();
      pane.child.stdin?.end();
    },
    show(wanted) {
      const isNew = shown !== wanted?.number;
      shown = wanted?.number;
      const pane = wanted && panes.get(wanted.number);
      if (!pane) return;
      if (pane.size.columns !== wanted.size.columns || pane.size.rows !== wanted.size.rows) resize(pane, wanted.size);
      if (isNew) changed(wanted.number, pane);
    },
    [Symbol.dispose]() {
      for (const { child, emulator } of panes.values()) {
        emulator?.[Symbol.dispose]();
        // The end of its input hangs the programs up.
        child.stdin?.destroy();
        child.unref();
      }
      panes.clear();
    },
  };
}

function spawnHosted([file = "", ...words]: readonly string[], env: Environment): ChildProcess {
  const child = spawn(file, words, { env: inPane(env), stdio: ["pipe", "pipe", "pipe", "pipe"], detached: true });
  // The program may end before all is typed.
  for (const stream of [child.stdin, child.stdio[3]]) stream?.on("error", () => {});
  return child;
}

function type({ child: { stdin } }: Pane, text: string, encoding: "utf8" | "latin1" = "utf8"): void {
  if (text !== "" && stdin?.writable) stdin.write(text, encoding);
}

/** To the program where it has asked for the mouse; else the wheel scrolls. */
function point(pane: Pane, emulator: Emulator, mouse: Mouse): void {
  const { modes, scrolled } = emulator;
  const isWheel = mouse.action === "up" || mouse.action === "down";
  // What lies under the pointer while one looks back is not the program's screen.
  if (scrolled === 0 && (!isWheel || tracksWheel(modes))) type(pane, encodeMouse(mouse, modes), "latin1");
  else if (!isWheel) return;
  else if (modes.isFullScreen) type(pane, encodeWheel(mouse, modes));
  else emulator.scrollLines(mouse.action === "up" ? -3 : 3);
}

/** Waits with what the program shows until the emulator has read what came before. */
function read(pane: Pane, bytes: Uint8Array): void {
  const { child, emulator } = pane;
  if (!emulator) {
    pane.early.push(bytes);
    return;
  }
  child.stdout?.pause();
  emulator.write(bytes, () => child.stdout?.resume());
}

function resize(pane: Pane, size: Size): void {
  pane.size = size;
  pane.emulator?.resize(size);
  const control = pane.child.stdio[3] as Writable | null | undefined;
  if (!control?.writable) return;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(Math.max(size.rows, 1), 0);
  bytes.writeUInt16LE(Math.max(size.columns, 2), 2);
  control.write(bytes);
}
