// A terminal without a screen, by xterm's: the bytes of a program become lines with styles. Whatever they ask of a terminal (titles, clipboard,
// colours, reports) ends here; nothing of it reaches the real one. A file of its own in the bundle, loaded with the first pane.
import headless from "@xterm/headless";
import type { Line, RawStyle, Size, Span } from "../draw/cell.ts";
import type { Tracking } from "../model/pane.ts";
import type { MouseModes, TypingModes } from "./encode.ts";

export interface EmulatorScreen {
  readonly lines: readonly Line[];
  readonly cursor: { readonly column: number; readonly row: number } | undefined;
  /** Lines between what is shown and the newest. */
  readonly scrolled: number;
  readonly tracking: Tracking;
}

export interface Emulator extends Disposable {
  /** `read`: when these bytes have been interpreted. */
  write(bytes: Uint8Array, read: () => void): void;
  resize(size: Size): void;
  /** By pages, back with a negative number; 0: to the newest line. */
  scroll(pages: number): void;
  scrollLines(lines: number): void;
  readonly modes: TypingModes & MouseModes & { readonly isFullScreen: boolean };
  /** Lines between what is shown and the newest. */
  readonly scrolled: number;
  screen(): EmulatorScreen;
}

const scrollback = 2000;

type Cell = ReturnType<InstanceType<typeof headless.Terminal>["buffer"]["active"]["getNullCell"]>;

/** `changed`: what it shows may be another; `answer`: what the terminal answers the program. */
export function openEmulator({ columns, rows }: Size, changed: () => void, answer: (text: string) => void): Emulator {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true });
  const hidden = watchHidden(terminal);
  terminal.onWriteParsed(changed);
  terminal.onData(answer);
  return {
    write: (bytes, read) => terminal.write(bytes, read),
    resize(size) {
      terminal.resize(Math.max(size.columns, 2), Math.max(size.rows, 1));
      changed();
    },
    scroll(pages) {
      if (pages === 0) terminal.scrollToBottom();
      else terminal.scrollPages(pages);
      changed();
    },
    scrollLines(lines) {
      terminal.scrollLines(lines);
      changed();
    },
    get modes() {
      const { applicationCursorKeysMode, bracketedPasteMode } = terminal.modes;
      return {
        hasApplicationCursor: applicationCursorKeysMode,
        hasBracketedPaste: bracketedPasteMode,
        tracking: terminal.modes.mouseTrackingMode,
        isSgr: hidden.isSgr,
        isFullScreen: terminal.buffer.active.type === "alternate",
      };
    },
    get scrolled() {
      const { baseY, viewportY } = terminal.buffer.active;
      return baseY - viewportY;
    },
    screen() {
      const { active } = terminal.buffer;
      const cell = active.getNullCell();
      const lines = Array.from({ length: terminal.rows }, (_, row): Line => {
        const line = active.getLine(active.viewportY + row);
        return line ? lineOf(cell, terminal.cols, (column) => line.getCell(column, cell)) : [];
      });
      const scrolled = active.baseY - active.viewportY;
      const cursor = { column: Math.min(active.cursorX, terminal.cols - 1), row: active.cursorY };
      const { mouseTrackingMode: tracking } = terminal.modes;
      return { lines, scrolled, tracking, cursor: hidden.isCursorShown && scrolled === 0 ? cursor : undefined };
    },
    [Symbol.dispose]: () => terminal.dispose(),
  };
}

/** Modes that the published interface does not tell of: DECTCEM, and SGR's numbers of the mouse. */
function watchHidden({ parser }: InstanceType<typeof headless.Terminal>) {
  const hidden = { isCursorShown: true, isSgr: false };
  const watch = (isOn: boolean) => (parameters: readonly (number | readonly number[])[]) => {
    if (parameters.includes(25)) hidden.isCursorShown = isOn;
    if (parameters.includes(1006)) hidden.isSgr = isOn;
    return false;
  };
  parser.registerCsiHandler({ prefix: "?", final: "h" }, watch(true));
  parser.registerCsiHandler({ prefix: "?", final: "l" }, watch(false));
  // The soft and the full reset.
  parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
    hidden.isCursorShown = true;
    return false;
  });
  parser.registerEscHandler({ final: "c" }, () => {
    Object.assign(hidden, { isCursorShown: true, isSgr: false });
    return false;
  });
  return hidden;
}

function lineOf(cell: Cell, columns: number, read: (column: number) => unknown): Line {
  const spans: Span[] = [];
  let text = "";
  let style: RawStyle | undefined;
  let key = "";
  const close = () => {
    if (text !== "") spans.push(style ? { text, raw: style } : { text });
    text = "";
  };
  for (let column = 0; column < columns; column++) {
    if (read(column) === undefined || cell.getWidth() === 0) continue;
    const found = cell.isAttributeDefault() ? undefined : styleOf(cell);
    const foundKey = found ? JSON.stringify(found) : "";
    if (foundKey !== key) {
      close();
      style = found;
      key = foundKey;
    }
    text += cell.isInvisible() ? " ".repeat(cell.getWidth()) : cell.getChars() || " ";
  }
  close();
  return spans;
}

const styleOf = (cell: Cell): RawStyle => ({
  foreground: cell.isFgRGB() ? nearest(cell.getFgColor()) : cell.isFgPalette() ? cell.getFgColor() : -1,
  background: cell.isBgRGB() ? nearest(cell.getBgColor()) : cell.isBgPalette() ? cell.getBgColor() : -1,
  ...(cell.isBold() ? { bold: true } : {}),
  ...(cell.isUnderline() ? { underline: true } : {}),
  ...(cell.isInverse() ? { inverse: true } : {}),
});

const steps = [0, 95, 135, 175, 215, 255] as const;
const stepOf = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.min(Math.floor((value - 35) / 40), 5));

/** The colour of the 256 that is nearest to 0xRRGGBB: of the cube of six steps, or of the grays. */
export function nearest(rgb: number): number {
  const parts = [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255] as const;
  const places = parts.map(stepOf);
  const [red = 0, green = 0, blue = 0] = places;
  const mean = (parts[0] + parts[1] + parts[2]) / 3;
  const gray = Math.min(Math.max(Math.round((mean - 8) / 10), 0), 23);
  const far = (colour: readonly number[]) => parts.reduce((sum, part, at) => sum + (part - (colour[at] ?? 0)) ** 2, 0);
  const level = 8 + gray * 10;
  return far([level, level, level]) < far(places.map((place) => steps[place] ?? 0)) ? 232 + gray : 16 + 36 * red + 6 * green + blue;
}
