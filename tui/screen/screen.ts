// The terminal: drawings go to its cells, what is typed becomes messages, and however it ends the terminal is given back as it was.
// blessed draws (cells.ts), bytes and signals are tty.ts's; this knows in which order they are taken and given back.
import type { TsnsError } from "../../src/base/error.ts";
import type { Drawn, Size } from "../draw/cell.ts";
import type { Message } from "../model/message.ts";
import { type Ability, type AbilityOptions, abilityOf, type Env, refusalOf } from "./ability.ts";
import { openBackground } from "./background.ts";
import { openCells } from "./cells.ts";
import { readTerminfo } from "./entry.ts";
import { type Modes, type MouseReach, modesOf } from "./mode.ts";
import type { Terminfo } from "./terminfo.ts";
import { canStop, openTty, type Tty } from "./tty.ts";
import { openTyping } from "./typing.ts";

export interface Screen extends Disposable {
  readonly size: Size;
  readonly isUnicode: boolean;
  /** False: the terminal shows it already. */
  draw(drawn: Drawn): boolean;
  /** All of it, whatever the terminal shows. */
  redraw(): void;
  /** Gives the terminal to somebody else until that has ended. */
  lend<T>(use: () => Promise<T>): Promise<T>;
  /** How much of the mouse is to be told: more than presses only while a program asks for it. */
  track(reach: MouseReach): void;
  /** As Ctrl-Z does; comes back when the process is continued. */
  suspend(): void;
}

export interface ScreenOptions extends AbilityOptions {
  readonly env: Env;
  readonly hasMouse: boolean;
  readonly emit: (message: Message) => void;
  /** Why the dashboard has to end; undefined when nobody is left to be told. */
  readonly end: (error: TsnsError | undefined) => void;
}

/** Refuses terminals that can show nothing. */
export function openScreen(options: ScreenOptions): Screen {
  const { env } = options;
  const info = readTerminfo(env);
  const refusal = refusalOf(env.TERM, info);
  if (refusal) throw refusal;
  return openTerminal(options, abilityOf(env, info, options), info);
}

function openTerminal(options: ScreenOptions, ability: Ability, info: Terminfo | undefined): Screen {
  const { emit, end, hasMouse, env } = options;
  let shown: Drawn = { lines: [] };
  let isDue = false;
  let isAway = false;
  let isOver = false;
  const background = openBackground(options, ability, (isLight) => cells.suit(isLight));
  const typing = openTyping(emit, background.answered);
  const tty = openTty({
    input: typing.feed,
    resize: () => emit({ kind: "resize", size: tty.size }),
    idle: () => void (isDue && draw()),
    end,
    stop: () => void suspend(),
    continued: () => void (isAway || back()),
  });
  const term = env.TERM ?? "";
  const modes = modesOf(term, info, hasMouse);
  const cells = openCells({ improved: () => draw(), write: tty.write, size: tty.size, ability, term, info });
  tty.setRaw(true);
  const held = holdModes(modes, tty.write);
  held.take(background.question);
  function draw(): boolean {
    isDue = isAway || tty.isBusy;
    return isDue || cells.render(shown, tty.size);
  }
  function away(): void {
    isAway = true;
    held.leave();
    cells.leave();
    tty.drain();
    tty.setRaw(false);
  }
  /** Whatever modes the terminal is in. */
  function back(): void {
    if (isOver) return;
    tty.setRaw(false);
    tty.setRaw(true);
    tty.write(modes.sober);
    cells.enter();
    held.take(modes.margins);
    isAway = false;
    redraw();
    emit({ kind: "resize", size: tty.size });
  }
  function redraw(): void {
    cells.forget();
    draw();
  }
  async function suspend(): Promise<void> {
    if (isAway || !canStop()) return;
    away();
    await tty.stop();
    back();
  }
  const give = giveBack(() => {
    isOver = true;
    typing[Symbol.dispose]();
    try {
      if (!isAway) away();
      cells.destroy();
    } catch {
      // The error may be blessed's own: then without it.
      tty.write(modes.last);
      tty.setRaw(false);
    }
    tty[Symbol.dispose]();
  });
  return {
    get size() {
      return tty.size;
    },
    isUnicode: ability.isUnicode,
    draw(drawn) {
      shown = drawn;
      return draw();
    },
    redraw,
    track: held.track,
    lend: (use) => lent(tty, away, use).finally(back),
    suspend: () => void suspend(),
    [Symbol.dispose]: give,
  };
}

/** The terminal in the dashboard's modes, or not; how much of the mouse it tells outlasts a time without. */
function holdModes({ on, off, tracking }: Modes, write: (text: string) => void) {
  let reach: MouseReach = "press";
  let isHeld = false;
  const more = () => (reach === "press" ? "" : tracking[reach]);
  return {
    take(before = ""): void {
      isHeld = true;
      write(before + on + more());
    },
    leave(): void {
      isHeld = false;
      write((more() === "" ? "" : tracking.press) + off);
    },
    track(wanted: MouseReach): void {
      if (wanted === reach) return;
      reach = wanted;
      if (isHeld) write(tracking[reach]);
    },
  };
}

async function lent<T>(tty: Tty, away: () => void, use: () => Promise<T>): Promise<T> {
  away();
  tty.lent = true;
  try {
    return await use();
  } finally {
    tty.lent = false;
  }
}

/** Once, and also when the process ends by an exception that nobody has caught: that is told on the screen as it was before. */
function giveBack(give: () => void): () => void {
  let isDone = false;
  const once = () => {
    if (isDone) return;
    isDone = true;
    process.off("uncaughtException", once).off("exit", once);
    give();
  };
  process.prependListener("uncaughtException", once).prependListener("exit", once);
  return once;
}
