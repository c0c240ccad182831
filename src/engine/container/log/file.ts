// The files of one log, LOG.n ... LOG.1, LOG, read as one, across rotations that happen meanwhile. Knows entries by their format only.
import { closeSync, fstatSync, readSync } from "node:fs";
import { jsonFormat } from "../../../container/log/format/json.ts";
import { localFormat } from "../../../container/log/format/local.ts";
import type { LogFormat } from "../../../container/log/format.ts";
import { identityAt, type LogFile, openFiles } from "./open.ts";

export interface LogPlace {
  /** Identity of the file. */
  readonly file: string;
  readonly offset: number;
}

const chunkBytes = 1 << 20;
/** An entry is never longer (16 KiB of text, each byte escaped, and attributes). */
const roomBytes = 1 << 18;

export class LogFiles implements Disposable {
  readonly format: LogFormat;
  readonly #path: string;
  /** Oldest first; the first is the one being read. */
  #files: LogFile[] = [];
  /** Where in it the next read begins. */
  #offset = 0;
  #buffer = takeBuffer();
  /** Bytes of the beginning of `#buffer` that wait for the rest of their entry. */
  #kept = 0;
  /** The first file has been replaced: what is in it now is all. */
  #isComplete = false;
  #place: LogPlace = { file: "", offset: 0 };
  #hasGap = false;
  /** Where reading ends, whatever else is written. */
  #last: LogPlace | undefined;

  constructor(path: string, isJson: boolean) {
    this.#path = path;
    this.format = isJson ? jsonFormat : localFormat;
    this.#files = openFiles(path);
  }

  /** Oldest first. */
  get files(): readonly LogFile[] {
    return this.#files;
  }

  /** Where the part that `read` hands out begins. */
  get place(): LogPlace {
    return this.#place;
  }

  /** Whether files may have been rotated away before they were read, since the last call. */
  takeGap(): boolean {
    const had = this.#hasGap;
    this.#hasGap = false;
    return had;
  }

  /** Bytes that are still to be read, as far as is known now. */
  get aheadBytes(): number {
    return this.#files.reduce((sum, { fd }, at) => sum + Math.max(fstatSync(fd).size - (at === 0 ? this.#offset : 0), 0), 0);
  }

  /** Begins at that offset of that file of `files`. */
  begin(index: number, offset: number): void {
    for (const file of this.#files.splice(0, index)) closeSync(file.fd);
    this.#offset = offset;
    this.#kept = 0;
  }

  /** What is written from now on is not read: a container that writes faster than it is read would keep the reader for ever. */
  endHere(): void {
    const newest = this.#files.at(-1);
    if (newest && !this.#last) this.endAt({ file: newest.identity, offset: fstatSync(newest.fd).size });
  }

  /** Reading ends here. */
  endAt(place: LogPlace): void {
    this.#last = place;
  }

  /**
   * Hands the next part, from the beginning of an entry on, to `use`, which returns how much of it has been used. False when there is nothing new
   * now. A part is only valid during the call. `most`: bytes that are read at once.
   */
  read(use: (data: Buffer, end: number) => number, most = chunkBytes): boolean {
    for (;;) {
      const [file] = this.#files;
      if (!file && !this.#reopen()) return false;
      if (!file) continue;
      const isLast = file.identity === this.#last?.file;
      const room = isLast ? Math.min(most, Math.max(0, (this.#last?.offset ?? 0) - this.#offset)) : most;
      const count = readSync(file.fd, this.#buffer, this.#kept, room, this.#offset);
      if (count > 0) {
        this.#offset += count;
        const end = this.#kept + count;
        this.#place = { file: file.identity, offset: this.#offset - end };
        const used = use(this.#buffer, end);
        this.#kept = end - used;
        // More than an entry could have: not a log.
        if (this.#kept > roomBytes) this.#kept = 0;
        else if (this.#kept > 0) this.#buffer.copy(this.#buffer, 0, used, end);
        return true;
      }
      if (isLast || !this.#next(file)) return false;
    }
  }

  /** What follows the file that has been read to its end; false: nothing does. */
  #next(file: LogFile): boolean {
    if (this.#files.length > 1 && !this.#isComplete) this.#isComplete = true;
    else if (this.#isComplete) {
      closeSync(file.fd);
      this.#files.shift();
      this.#offset = 0;
      this.#kept = 0;
      this.#isComplete = false;
    } else if (isReplaced(file, this.#path)) {
      // It is rotated: nobody writes to it any more, but somebody may have since the last look.
      this.#follow(file);
      this.#isComplete = true;
    } else if (fstatSync(file.fd).size < this.#offset) {
      this.#offset = 0;
      this.#kept = 0;
    } else return false;
    return true;
  }

  /** Adds the files that came after `file`: as far as they are still there. */
  #follow(file: LogFile): void {
    const present = openFiles(this.#path);
    const known = present.findIndex(({ identity }) => identity === file.identity);
    // It may have been removed alone, without what is older.
    const at = known < 0 ? present.findLastIndex(({ bornNs }) => bornNs < file.bornNs) : known;
    for (const { fd } of present.splice(0, at + 1)) closeSync(fd);
    // Of one file that is begun anew nobody can tell.
    if (known < 0 && present.length > 1) this.#hasGap = true;
    this.#files = [file, ...present];
  }

  #reopen(): boolean {
    this.#files = openFiles(this.#path);
    return this.#files.length > 0;
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#files) closeSync(fd);
    this.#files = [];
    if (this.#buffer !== nothing) spare = this.#buffer;
    this.#buffer = nothing;
  }
}

/** Who goes back in a log opens it again for each step: large buffers would wait for the garbage collector by the hundred. */
let spare: Buffer | undefined;
const nothing = Buffer.alloc(0);

function takeBuffer(): Buffer {
  const buffer = spare ?? Buffer.allocUnsafeSlow(chunkBytes + roomBytes);
  spare = undefined;
  return buffer;
}

/** False too in the moment between the two halves of a rotation. */
function isReplaced({ identity }: LogFile, path: string): boolean {
  const now = identityAt(path);
  return now !== undefined && now !== identity;
}
