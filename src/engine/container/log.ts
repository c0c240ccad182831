// Reads a container's log: docker's json-file format with its rotated predecessors, optionally following it.
import { closeSync, fstatSync, openSync, readSync, statSync, watch } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { waitForEnd } from "../../kernel/sandbox/attach.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { observeContainer } from "./observe.ts";

export interface LogEntry {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly text: string;
}

export interface LogRequest {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Last so many lines; undefined: all. */
  readonly tail?: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Calls `emit` for each entry in order. Ends at the end of the log, or with `follow` when the container has ended. */
export async function readLog(
  engine: Engine,
  reference: string,
  request: LogRequest,
  emit: (entries: readonly LogEntry[]) => void,
): Promise<void> {
  const record = findContainer(engine.store, reference);
  const { path, log } = containerDirectory(engine.root, record.id);
  const wanted = (entry: LogEntry) => isBetween(Date.parse(entry.time), request);
  const reader = openReader(log);
  if (!reader) return;
  try {
    emitPast(reader, request, wanted, emit);
    if (!request.follow || observeContainer(engine, record).status !== "running") return;
    await followLog(reader, path, request, (entries) => emit(entries.filter(wanted)));
  } finally {
    reader.close();
  }
}

function isBetween(ms: number, request: LogRequest): boolean {
  return (request.sinceMs === undefined || ms >= request.sinceMs) && (request.untilMs === undefined || ms <= request.untilMs);
}

function emitPast(
  reader: Reader,
  request: LogRequest,
  wanted: (entry: LogEntry) => boolean,
  emit: (entries: readonly LogEntry[]) => void,
): void {
  if (request.tail === undefined) {
    for (let entries = reader.read(); entries; entries = reader.read()) emit(entries.filter(wanted));
    return;
  }
  let kept: LogEntry[] = [];
  for (let entries = reader.read(); entries; entries = reader.read()) {
    kept = request.tail === 0 ? [] : kept.concat(entries.filter(wanted)).slice(-request.tail);
  }
  emit(kept);
}

/** setTimeout takes no more. */
const longestTimerMs = 2 ** 31 - 1;

async function followLog(
  reader: Reader,
  directory: string,
  { signal, untilMs }: LogRequest,
  emit: (entries: readonly LogEntry[]) => void,
): Promise<void> {
  const drain = () => {
    for (let entries = reader.read(); entries; entries = reader.read()) emit(entries);
  };
  const watcher = watch(directory, { signal }, drain);
  watcher.on("error", () => {});
  const aborted = new Promise<void>((done) => signal.addEventListener("abort", () => done(), { once: true }));
  // What is written after --until is not wanted: there is nothing to wait for from then on.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    if (untilMs !== undefined) timer = setTimeout(done, Math.min(Math.max(0, untilMs - Date.now()), longestTimerMs));
  });
  drain();
  await Promise.race([waitForEnd(directory), aborted, late]);
  clearTimeout(timer);
  watcher.close();
  drain();
}

interface Reader {
  /** Entries of the next part; undefined when there is nothing new now. */
  read(): readonly LogEntry[] | undefined;
  close(): void;
}

const chunkBytes = 1 << 20;

/** Reads rotated files from the oldest on (LOG.4 ... LOG.1, LOG), and goes on to the new file when LOG is rotated while it reads. */
function openReader(log: string): Reader | undefined {
  const rotated = Array.from({ length: 99 }, (_, at) => `${log}.${at + 1}`);
  const present = rotated
    .slice(
      0,
      rotated.findIndex((path) => !exists(path)),
    )
    .reverse();
  const queue = [...present, log];
  let descriptor = openOrUndefined(queue.shift() ?? log);
  if (descriptor === undefined) return undefined;
  let rest = Buffer.alloc(0);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const next = (): boolean => {
    const path = queue.shift() ?? (descriptor !== undefined && isReplaced(descriptor, log) ? log : undefined);
    if (path === undefined) return false;
    const opened = openOrUndefined(path);
    if (opened === undefined) return false;
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = opened;
    return true;
  };
  return {
    read() {
      for (;;) {
        const count = descriptor === undefined ? 0 : readSync(descriptor, buffer, 0, chunkBytes, null);
        if (count === 0) {
          if (!next()) return undefined;
          continue;
        }
        const data = rest.length > 0 ? Buffer.concat([rest, buffer.subarray(0, count)]) : Buffer.from(buffer.subarray(0, count));
        const end = data.lastIndexOf(0x0a);
        rest = data.subarray(end + 1);
        if (end >= 0) return parseLog(data.toString("utf8", 0, end));
      }
    },
    close: () => void (descriptor !== undefined && closeSync(descriptor)),
  };
}

function parseLog(text: string): LogEntry[] {
  return text.split("\n").flatMap((line) => {
    try {
      const { log, stream, time } = JSON.parse(line) as { log: string; stream: "stdout" | "stderr"; time: string };
      return [{ text: log, stream, time }];
    } catch {
      return []; // a line cut short by a full disk or a power failure
    }
  });
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function openOrUndefined(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isReplaced(descriptor: number, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino !== fstatSync(descriptor).ino;
}
