// The terminal: drawings go to its cells, what is typed becomes messages, and however it ends the terminal is given back as it was.
// blessed draws (cells.ts), bytes and signals are tty.ts's; this knows in which order they are taken and given back.
import type { TsnsError } from "../../src/base/error.ts";
import type { Drawn, Size } from "../draw/cell.ts";
import type { Message } from "../model/message.ts";
import { type Ability, type AbilityOptions, abilityOf, type Env, refusalOf } from "./ability.ts";
import { openCells } from "./cells.ts";
import { readTerminfo } from "./entry.ts";
import type { Terminfo } from "./terminfo.ts";
import { openTty, type Tty } from "./tty.ts";
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

/** Pasted text comes marked as such, presses and the wheel as numbers. */
const pasteModes = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const;
const mouseModes = { on: "\x1b[?1000h\x1b[?1006h", off: "\x1b[?1006l\x1b[?1000l" } as const;
/** What a program that had the terminal may have left behind: styles, character sets, margins, modes, mouse and focus reports. */
const soberModes =
  "\x1b[m\x0f\x1b(B\x1b[4l\x1b[?1l\x1b>\x1b[?5l\x1b[?7h\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?25h";

/** Margins and what counts from them. They move the cursor, so the screen they are made on is the one that goes away. */
const soberMargins = "\x1b[r\x1b[?6l";

/** Refuses terminals that can show nothing. */
export function openScreen(options: ScreenOptions): Screen {
  const { env } = options;
  const info = readTerminfo(env);
  const refusal = refusalOf(env.TERM, info);
  if (refusal) throw refusal;
  return openTerminal(options, abilityOf(env, info, options), info);
}

function openTerminal({ emit, end, hasMouse, env }: ScreenOptions, ability: Ability, info: Terminfo | undefined): Screen {
  let shown: Drawn = { lines: [] };
  let isDue = false;
  let isAway = false;
  let isOver = false;
  const typing = openTyping(emit);
  const tty = openTty({
    input: typing.feed,
    resize: () => emit({ kind: "resize", size: tty.size }),
    idle() {
      if (isDue) draw();
    },
    end,
    stop: () => void suspend(),
    continued() {
      if (!isAway) back();
    },
  });
  const modes = (way: "on" | "off") => tty.write(pasteModes[way] + (hasMouse ? mouseModes[way] : ""));
  const cells = openCells({ improved: () => draw(), write: tty.write, size: tty.size, ability, term: env.TERM ?? "", info });
  tty.setRaw(true);
  modes("on");
  function draw(): boolean {
    isDue = isAway || tty.isBusy;
    return isDue || cells.render(shown, tty.size);
  }
  function away(): void {
    isAway = true;
    modes("off");
    cells.leave();
    tty.drain();
    tty.setRaw(false);
  }
  /** Whatever modes the terminal is in. */
  function back(): void {
    if (isOver) return;
    tty.setRaw(false);
    tty.setRaw(true);
    tty.write(soberModes);
    cells.enter();
    tty.write(soberMargins);
    modes("on");
    isAway = false;
    redraw();
    emit({ kind: "resize", size: tty.size });
  }
  function redraw(): void {
    cells.forget();
    draw();
  }
  async function suspend(): Promise<void> {
    if (isAway) return;
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
      tty.write(`${soberMargins}${soberModes}\x1b[?1049l`);
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
    lend(use) {
      away();
      return lent(tty, use).finally(back);
    },
    suspend: () => void suspend(),
    [Symbol.dispose]: give,
  };
}

async function lent<T>(tty: Tty, use: () => Promise<T>): Promise<T> {
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
