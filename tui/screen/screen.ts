// The terminal, by blessed: a drawing becomes its cells, keys and the mouse become messages, and however it ends the
// terminal is given back as it was.
import blessed from "blessed";
import { displayWidth } from "../../src/base/text.ts";
import type { Drawn, Line, Size } from "../draw/cell.ts";
import { visible } from "../draw/cell.ts";
import type { Message } from "../model/message.ts";
import { keyOf, mouseOf } from "./input.ts";
import type { Theme } from "./theme.ts";

/** A cell as blessed keeps it. */
type Cell = [attribute: number, character: string];
type Row = Cell[] & { dirty?: boolean };

/** What the published types leave out. */
interface Inner {
  readonly lines: Row[];
  readonly cols: number;
  readonly rows: number;
  readonly program: blessed.BlessedProgram & { readonly input: NodeJS.ReadStream };
  /** Away from and back to the screen that other programs do not see. */
  leave(): void;
  enter(): void;
}

export interface Screen extends Disposable {
  readonly size: Size;
  readonly colours: number;
  readonly isUnicode: boolean;
  draw(drawn: Drawn): void;
  /** All of it, whatever the terminal shows. */
  redraw(): void;
  /** Gives the terminal to somebody else until that has ended. */
  lend<T>(use: () => Promise<T>): Promise<T>;
  /** As Ctrl-Z does; comes back when the process is continued. */
  suspend(): void;
}

export interface ScreenOptions {
  readonly theme: (colours: number) => Theme;
  readonly emit: (message: Message) => void;
}

export function openScreen({ theme, emit }: ScreenOptions): Screen {
  const screen = blessed.screen({ smartCSR: false, fullUnicode: true, title: "tsns", autoPadding: false, warnings: false });
  const inner = screen as unknown as Inner;
  const { colors } = (screen as unknown as { tput: { colors: number } }).tput;
  const look = theme(colors);
  let shown: Drawn = { lines: [] };
  const sheet = blessed.box({ top: 0, left: 0, width: "100%", height: "100%" });
  screen.append(sheet);
  sheet.render = () => {
    for (let row = 0; row < inner.rows; row++) fill(inner.lines[row], shown.lines[row] ?? [], look);
    return undefined as never;
  };
  screen.on("keypress", (text: string | undefined, key: blessed.Widgets.Events.IKeyEventArg) => {
    const known = keyOf(text, key);
    if (known) emit({ kind: "key", key: known });
  });
  screen.on("mouse", (event: blessed.Widgets.Events.IMouseEventArg) => {
    const known = mouseOf(event);
    if (known) emit({ kind: "mouse", mouse: known });
  });
  const size = (): Size => ({ columns: inner.cols, rows: inner.rows });
  screen.on("resize", () => emit({ kind: "resize", size: size() }));
  return {
    get size() {
      return size();
    },
    colours: colors,
    isUnicode: (screen as unknown as { tput: { unicode: boolean } }).tput.unicode,
    draw(drawn) {
      shown = drawn;
      screen.render();
    },
    redraw() {
      screen.realloc();
      screen.render();
    },
    async lend(use) {
      inner.leave();
      inner.program.input.pause();
      try {
        return await use();
      } finally {
        inner.program.input.resume();
        inner.enter();
        screen.realloc();
        screen.render();
      }
    },
    suspend() {
      inner.program.sigtstp(() => {
        screen.realloc();
        screen.render();
      });
    },
    [Symbol.dispose]: () => screen.destroy(),
  };
}

/** Writes a line into blessed's row; only what differs makes it dirty. */
function fill(row: Row | undefined, spans: Line, look: Theme): void {
  if (!row) return;
  let column = 0;
  const put = (attribute: number, character: string) => {
    const cell = row[column++];
    if (!cell || (cell[0] === attribute && cell[1] === character)) return;
    cell[0] = attribute;
    cell[1] = character;
    row.dirty = true;
  };
  for (const { text, role, raw } of spans) {
    const attribute = look.attributeOf(role, raw);
    for (const character of visible(text)) {
      const width = displayWidth(character);
      // Combining marks have no cell of their own, and blessed none for them.
      if (width === 0 || column + width > row.length) continue;
      put(attribute, character);
      if (width === 2) put(attribute, "\0");
    }
  }
  while (column < row.length) put(look.attributeOf(undefined, undefined), " ");
}
