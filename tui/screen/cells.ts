// blessed's side of the terminal: a drawing as its cells, which it brings to the terminal with as few bytes as it can. It reads nothing,
// and what it writes goes to whoever owns the terminal.
import { EventEmitter } from "node:events";
import blessed from "blessed";
import { type Drawn, isSameLine, type Line, type Size } from "../draw/cell.ts";
import type { Ability } from "./ability.ts";
import { openCharts } from "./charts.ts";
import { fillRow, type Row } from "./sheet.ts";
import type { Terminfo } from "./terminfo.ts";
import { colourOf, themeOf } from "./theme.ts";

/** What the published types leave out. */
interface Inner {
  readonly lines: Row[];
  readonly olines: Row[];
  readonly cols: number;
  readonly rows: number;
  readonly tput: { brokenACS: boolean; unicode: boolean; colors: number };
  readonly program: blessed.BlessedProgram & { cols: number; rows: number; isAlt: boolean; cursorHidden: boolean; flush(): void };
  /** Away from and back to the screen that other programs do not see. */
  leave(): void;
  enter(): void;
}

export interface Cells {
  /** The alternate screen, without a cursor; whatever state the terminal is in. */
  enter(): void;
  leave(): void;
  /** False: it is what was drawn before. */
  render(drawn: Drawn, size: Size): boolean;
  /** What the terminal shows is not known any more. */
  forget(): void;
  /** The same drawing in colours for this background. */
  suit(isLight: boolean): void;
  /** blessed is done with the process. */
  destroy(): void;
}

export interface CellsOptions {
  /** The same drawing would look better now. */
  readonly improved: () => void;
  readonly write: (text: string) => void;
  readonly size: Size;
  readonly ability: Ability;
  readonly term: string;
  readonly info: Terminfo | undefined;
}

/** blessed reads entries of terminfo itself, but only those of the old format, and its own for terminals like xterm. */
function teachTerminfo(info: Terminfo | undefined): void {
  const { prototype } = (blessed as unknown as { Tput: { prototype: TputLike } }).Tput;
  prototype.setup = function setup() {
    this.error = null;
    if (info) this.inject(this.compile(this.parseTerminfo(info.old, "/terminfo/t/tsns")));
    else this._useInternalInfo("xterm-256color");
  };
}

interface TputLike {
  error: Error | null;
  setup(this: TputLike): void;
  inject(info: unknown): void;
  compile(info: unknown): unknown;
  parseTerminfo(data: Buffer, file: string): unknown;
  _useInternalInfo(name: string): void;
}

function openInner({ write, size: { columns, rows }, ability, term, info }: CellsOptions): Inner {
  teachTerminfo(info);
  const output = Object.assign(new EventEmitter(), {
    ...{ columns, rows, isTTY: true, writable: true },
    write(text: string) {
      write(text);
      return true;
    },
  });
  // It would start tmux to ask for its version.
  const { TMUX } = process.env;
  delete process.env.TMUX;
  const screen = blessed.screen({
    input: new EventEmitter() as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    terminal: term,
    forceUnicode: ability.isUnicode,
    fullUnicode: false,
    smartCSR: false,
    autoPadding: false,
    warnings: false,
  });
  if (TMUX !== undefined) process.env.TMUX = TMUX;
  const inner = screen as unknown as Inner;
  // Lines are characters like others, or ASCII: no second character set, which terminals over ssh and in tmux lose.
  inner.tput.brokenACS = true;
  inner.tput.colors = ability.colours;
  return inner;
}

const nothing: Line = [];

/** Enters the alternate screen at once. */
export function openCells(options: CellsOptions): Cells {
  const { ability } = options;
  let theme = themeOf(ability);
  const inner = openInner(options);
  const screen = inner as unknown as blessed.Widgets.Screen;
  const charts = openCharts(screen, ability, (role) => colourOf(theme, role), options.improved);
  let shown: Drawn = { lines: [] };
  /** The lines that the rows hold already. */
  let held: readonly Line[] = [];
  const sheet = blessed.box({ top: 0, left: 0, width: "100%", height: "100%" });
  screen.append(sheet);
  sheet.render = () => {
    for (const [at, row] of inner.lines.entries()) {
      const line = shown.lines[at] ?? nothing;
      if (held[at] !== line) fillRow(row, inner.olines[at], line, theme, ability.isUnicode);
    }
    held = shown.lines;
    return undefined as never;
  };
  inner.program.flush();
  function forget(): void {
    held = [];
    screen.realloc();
  }
  return {
    enter() {
      inner.program.isAlt = false;
      inner.enter();
      inner.program.flush();
    },
    leave() {
      inner.leave();
      inner.program.flush();
    },
    render(drawn, { columns, rows }) {
      const whole = settled(charts.put(drawn, { columns, rows }), shown);
      const isSame = held.length === whole.lines.length && isSameDrawing(shown, whole);
      shown = whole;
      if (inner.program.cols !== columns || inner.program.rows !== rows) {
        Object.assign(inner.program, { cols: columns, rows });
        held = [];
        screen.alloc();
      } else if (isSame) return false;
      screen.render();
      placeCursor(inner, shown.cursor);
      inner.program.flush();
      return true;
    },
    forget,
    suit(isLight) {
      theme = themeOf({ ...ability, isLight });
      charts.recolour();
      forget();
      options.improved();
    },
    destroy: () => screen.destroy(),
  };
}

/** The drawing, whose lines are those of the one before where they look the same. */
function settled(drawn: Drawn, { lines }: Drawn): Drawn {
  return {
    ...drawn,
    lines: drawn.lines.map((line, at) => {
      const before = lines[at];
      return before && isSameLine(before, line) ? before : line;
    }),
  };
}

const isSameDrawing = (one: Drawn, other: Drawn): boolean =>
  one.cursor?.column === other.cursor?.column &&
  one.cursor?.row === other.cursor?.row &&
  one.lines.length === other.lines.length &&
  one.lines.every((line, at) => line === other.lines[at]);

function placeCursor({ program }: Inner, cursor: Drawn["cursor"]): void {
  if (cursor) {
    program.cup(cursor.row, cursor.column);
    program.showCursor();
  } else if (!program.cursorHidden) program.hideCursor();
}
