// What a change of a tree did, written down beside what it kept, before each deed: enough to bring the tree back when the process that
// changed it was killed. Knows the format and how it is undone, not why a tree is changed.
// `changes`: one line per deed, "made PATH" or "N PATH" for what was renamed to the file N beside it. `stats`: one line per directory or
// file whose attributes change, "UID GID MODE ATIME MTIME PATH". A path is inside the tree, "." the tree itself, every byte but plain ones
// as \0ooo, so that printf(1) %b reads it as well. A line without end was not followed by its deed.
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { toByteString, toFsPath } from "./path.ts";
import { removeEntry } from "./remove.ts";
import type { InnerPath } from "./resolve.ts";

/** Appended to the hidden directory's name once the change is whole: what is in it is no longer needed. */
const doneEnding = ".done";

function encodePath(path: InnerPath): string {
  const escaped = (byte: string) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
  return path === "" ? "." : path.replace(/[^A-Za-z0-9_./+@%:,=~-]/g, escaped);
}

function decodePath(text: string): InnerPath {
  return text === "." ? "" : text.replace(/\\0([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export interface KeepLog {
  made(path: InnerPath): void;
  /** Returns the full path to rename to. */
  aside(path: InnerPath): string;
  stat(path: InnerPath, stat: Stats): void;
  close(): void;
}

/** Makes the hidden directory. */
export function openKeepLog(directory: string, name: string): KeepLog {
  const hidden = `${directory}/${name}`;
  mkdirSync(hidden, { mode: 0o700 });
  const changes = openSync(`${hidden}/changes`, "ax", 0o600);
  const stats = openSync(`${hidden}/stats`, "ax", 0o600);
  let kept = 0;
  return {
    made: (path) => writeFileSync(changes, `made ${encodePath(path)}\n`),
    aside(path) {
      writeFileSync(changes, `${kept} ${encodePath(path)}\n`);
      return `${hidden}/${kept++}`;
    },
    stat(path, { uid, gid, mode, atimeMs, mtimeMs }) {
      const times = [atimeMs, mtimeMs].map((ms) => (ms / 1000).toFixed(6)).join(" ");
      writeFileSync(stats, `${uid} ${gid} ${(mode & 0o7777).toString(8)} ${times} ${encodePath(path)}\n`);
    },
    close() {
      closeSync(changes);
      closeSync(stats);
    },
  };
}

/** Says that the change is whole, in one step, and takes away what was kept. */
export function discardKept(directory: string, name: string): void {
  renameSync(`${directory}/${name}`, `${directory}/${name}${doneEnding}`);
  removeEntry(directory, [`${name}${doneEnding}`]);
}

/**
 * Brings a tree back to what it was before the change, or ends a change that was whole; nothing when neither is there any more. May be killed
 * and begun again. `directory` is real and absolute. Throws KernelError ENOTEMPTY when something kept is not in the log.
 */
export function restoreKept(directory: string, name: string): void {
  removeEntry(directory, [`${name}${doneEnding}`]);
  const hidden = `${directory}/${name}`;
  if (!lstatSync(hidden, { throwIfNoEntry: false })) return;
  undoChanges(directory, hidden);
  const stats = linesOf(`${hidden}/stats`).map(parseStat).reverse();
  const inner = stats.filter(({ path }) => path !== "");
  for (const stat of inner) setAttributes(directory, stat);
  for (const file of ["changes", "stats"]) rmSync(`${hidden}/${file}`, { force: true });
  try {
    rmdirSync(hidden);
  } catch (error) {
    if (!isErrno(error, "ENOTEMPTY")) throw error;
    throw new KernelError("rmdir", "ENOTEMPTY", hidden, { hint: `move what is in it back into ${directory} by hand` });
  }
  // Last, as what was done in the directory changes its times.
  for (const stat of stats.filter(({ path }) => path === "")) setAttributes(directory, stat);
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "latin1").split("\n").slice(0, -1);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

const fullPath = (directory: string, path: InnerPath) =>
  toFsPath(path === "" ? toByteString(directory) : `${toByteString(directory)}/${path}`);

/** From the last deed to the first. Each is struck out once it is undone: what it brought back must not be taken for what was made. */
function undoChanges(directory: string, hidden: string): void {
  const lines = linesOf(`${hidden}/changes`);
  if (lines.length === 0) return;
  const log = openSync(`${hidden}/changes`, "r+");
  let end = lines.reduce((sum, line) => sum + line.length + 1, 0);
  try {
    for (const line of lines.toReversed()) {
      const space = line.indexOf(" ");
      const [word, path] = [line.slice(0, space), decodePath(line.slice(space + 1))];
      if (word === "made") removeEntry(directory, path.split("/"));
      else bringBack(`${hidden}/${word}`, fullPath(directory, path));
      end -= line.length + 1;
      ftruncateSync(log, end);
    }
  } finally {
    closeSync(log);
  }
}

/** A deed that was written down and not done has kept nothing. */
function bringBack(kept: string, path: string | Buffer): void {
  try {
    renameSync(kept, path);
  } catch (error) {
    if (!isErrno(error, "ENOENT") || lstatSync(kept, { throwIfNoEntry: false })) throw error;
  }
}

interface KeptStat {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Seconds. */
  readonly atime: number;
  readonly mtime: number;
  readonly path: InnerPath;
}

function parseStat(line: string): KeptStat {
  const [uid, gid, mode = "", atime, mtime, path = ""] = line.split(" ");
  return {
    uid: Number(uid),
    gid: Number(gid),
    mode: Number.parseInt(mode, 8),
    atime: Number(atime),
    mtime: Number(mtime),
    path: decodePath(path),
  };
}

function setAttributes(directory: string, { uid, gid, mode, atime, mtime, path }: KeptStat): void {
  const full = fullPath(directory, path);
  const now = lstatSync(full, { throwIfNoEntry: false });
  if (!now || now.isSymbolicLink()) return;
  chownSync(full, uid, gid);
  chmodSync(full, mode);
  utimesSync(full, atime, mtime);
}
