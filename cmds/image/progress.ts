// Shows images on their way: on a terminal one line per layer that is written over, with a bar; elsewhere a line for each thing that
// happens once. Used by pull, push, load, and by run and create for an image that is missing.
import { TsnsError } from "../../src/base/error.ts";
import { type LayerProgress, type OnProgress, plainLine, renderProgress } from "../../src/image/progress.ts";
import type { Output } from "../output.ts";

/** How often a bar moves. */
const redrawMs = 100;

interface Shown {
  /** Lines from the first one of the block. */
  readonly line: number;
  status: string;
  drawnMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether lines are written over: on a terminal, unless TSNS_PROGRESS says otherwise, in the words of BuildKit's BUILDKIT_PROGRESS. With "tty"
 * they are for whoever reads a pipe and knows what cursor movements mean.
 */
export function isMoving(out: Output, { TSNS_PROGRESS: wanted = "" }: Environment): boolean {
  if (wanted === "" || wanted === "auto") return out.isTTY;
  if (wanted === "tty" || wanted === "plain") return wanted === "tty";
  throw new TsnsError("invalid", "bad-progress", `invalid TSNS_PROGRESS "${wanted}"`, { hint: "set it to auto, plain or tty" });
}

/** `isQuiet`: nothing is shown. */
export function openProgress(out: Output, env: Environment, isQuiet = false): OnProgress {
  if (isQuiet) return () => {};
  if (isMoving(out, env)) return openLines(out);
  return (event) => {
    const line = plainLine(event);
    if (line !== undefined) out.write(`${line}\n`);
  };
}

/** The cursor always stands below the last line. A message ends the block of layers above it. */
function openLines(out: Output): OnProgress {
  let layers = new Map<string, Shown>();
  const begin = (layer: LayerProgress, nowMs: number): void => {
    layers.set(layer.id, { line: layers.size, status: layer.status, drawnMs: nowMs });
    out.write(`${renderProgress(layer, out.columns)}\n`);
  };
  return (event) => {
    if ("message" in event) {
      layers = new Map();
      out.write(`${event.message}\n`);
      return;
    }
    const nowMs = performance.now();
    const shown = layers.get(event.id);
    if (!shown) return begin(event, nowMs);
    const isEnd = event.current !== undefined && event.current === event.total;
    if (event.status === shown.status && !isEnd && nowMs - shown.drawnMs < redrawMs) return;
    shown.status = event.status;
    shown.drawnMs = nowMs;
    const up = layers.size - shown.line;
    // up, to the first column, erase; and back down (ECMA-48 CUU, EL, CUD)
    out.write(`\x1b[${up}A\r\x1b[2K${renderProgress(event, out.columns)}\r\x1b[${up}B`);
  };
}
