// Which files a log has now, LOG.n ... LOG.1, LOG, each opened once, while somebody may rotate them. Knows nothing of what is in them.
import { type BigIntStats, closeSync, fstatSync, openSync, readdirSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isErrno } from "../../../base/error.ts";

export interface LogFile {
  readonly fd: number;
  /** Of this file alone, also after it is gone: its inode goes to the next file at once, the moment of its birth does not. */
  readonly identity: string;
  readonly bornNs: bigint;
}

/** Everything a native writer rotates (`--log-opt max-file`). */
const mostFiles = 99;
/** So often it is looked again when a newer file has come meanwhile; who takes older ones then finds that one later. */
const mostLooks = 10;

/** All files, oldest first. Numbers that are missing, for a moment or for good, are passed over. */
export function openFiles(path: string): LogFile[] {
  for (let left = mostLooks; ; left--) {
    const found = openNumbers(path);
    if (left === 0 || isNewest(path, found[0])) return found.reverse();
    for (const { fd } of found) closeSync(fd);
  }
}

/**
 * Newest first. A rotation gives files greater numbers, never lesser ones: who counts upwards misses none, but may see one under two names,
 * of which the later counts.
 */
function openNumbers(path: string): LogFile[] {
  const found: LogFile[] = [];
  let greatest: number | undefined;
  for (let number = 0; number <= mostFiles; number++) {
    const file = openFile(number === 0 ? path : `${path}.${number}`);
    if (file) {
      const before = found.findIndex(({ identity }) => identity === file.identity);
      for (const { fd } of before < 0 ? [] : found.splice(before, 1)) closeSync(fd);
      found.push(file);
    } else if (number > 0) {
      greatest ??= greatestNumber(path);
      if (number > greatest) break;
    }
  }
  return found;
}

/** 0 where no file has a number. */
function greatestNumber(path: string): number {
  const prefix = `${basename(path)}.`;
  const numbers = namesIn(dirname(path)).map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : ""));
  return Math.max(0, ...numbers.filter((text) => /^[1-9]\d?$/.test(text)).map(Number));
}

const namesIn = (directory: string): readonly string[] => ifThere(() => readdirSync(directory)) ?? [];

function openFile(path: string): LogFile | undefined {
  const fd = ifThere(() => openSync(path, "r"));
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd, { bigint: true });
  return { fd, identity: identityOf(stats), bornNs: stats.birthtimeNs };
}

/** Whether nothing newer than this file has come since it was opened. During a rotation the newest name is free for a moment. */
function isNewest(path: string, file: LogFile | undefined): boolean {
  const now = identityAt(path) ?? identityAt(`${path}.1`);
  return now === undefined || now === file?.identity;
}

/** Of the file that has this name now. */
export function identityAt(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && identityOf(stats);
}

const identityOf = ({ ino, birthtimeNs }: BigIntStats): string => `${ino}/${birthtimeNs}`;

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
