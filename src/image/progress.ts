// What is told of an image on its way, layer by layer, and how that looks: docker's words, docker's bars. Pure; writing it to a terminal or
// a pipe is cmds/image/progress.ts.
import { formatSize } from "../base/unit.ts";

export type ProgressStatus =
  | "Pulling fs layer"
  | "Waiting"
  | "Downloading"
  | "Verifying Checksum"
  | "Download complete"
  | "Extracting"
  | "Pull complete"
  | "Already exists"
  | "Preparing"
  | "Pushing"
  | "Pushed"
  | "Layer already exists"
  | "Loading layer"
  | `Mounted from ${string}`
  | `Retrying${string}`;

/** One thing that happened to one layer. */
export interface LayerProgress {
  /** Twelve digits of its digest. */
  readonly id: string;
  readonly status: ProgressStatus;
  /** Bytes done so far, for what takes time. */
  readonly current?: number;
  /** Bytes in all, where that is known. */
  readonly total?: number;
}

/** A line of its own: "latest: Pulling from library/busybox", "Digest: sha256:...". */
export interface ProgressMessage {
  readonly message: string;
}

export type ProgressEvent = LayerProgress | ProgressMessage;

export type OnProgress = (event: ProgressEvent) => void;

const barWidthMax = 50;

/** A layer's line on a terminal of that many columns; never wider. */
export function renderProgress({ id, status, current, total }: LayerProgress, columns: number): string {
  const words = `${id}: ${status}`;
  if (current === undefined) return fit(words, columns);
  const amounts = total !== undefined && total > 0 && current <= total ? `${padded(current)}/${formatSize(total, 4)}` : padded(current);
  const isBarred = total !== undefined && total > 0 && columns > 110;
  return fit(`${words} ${isBarred ? `${renderBar(current, total)} ` : ""}${amounts}`, columns);
}

/** `[=====>      ]`, 50 cells. */
export function renderBar(current: number, total: number): string {
  const done = Math.min(barWidthMax, Math.max(0, Math.floor((current / total) * barWidthMax)));
  return `[${"=".repeat(done)}>${" ".repeat(barWidthMax - done)}]`;
}

/** The line for a pipe: only what happens once; undefined for the steps of a bar. */
export function plainLine(event: ProgressEvent): string | undefined {
  if ("message" in event) return event.message;
  return event.current === undefined ? `${event.id}: ${event.status}` : undefined;
}

function padded(bytes: number): string {
  return formatSize(bytes, 4).padStart(8);
}

function fit(line: string, columns: number): string {
  return line.length < columns || columns <= 0 ? line : line.slice(0, columns - 1);
}
