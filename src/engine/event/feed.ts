// The file of events as a feed: its lines as they are written, across rotation. Waits by inotify, never by asking again and again. Knows
// lines only; what they say is in message.ts.
import { closeSync, type FSWatcher, fstatSync, openSync, readSync, statSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { watchNearest } from "../../kernel/tree/nearest.ts";
import { createBell } from "../bell.ts";
import { eventFile } from "../event.ts";

export interface EventFeed extends Disposable {
  /** Lines written since the last call. */
  read(): readonly string[];
  /** Resolves when there may be more, or when the signal is aborted. */
  changed(signal?: AbortSignal): Promise<void>;
  close(): void;
}

const chunkBytes = 1 << 16;

/** One file, read on from where the last look ended. A line that is not whole yet waits. */
interface Tail {
  readonly inode: number;
  read(): string[];
  close(): void;
}

function openTail(path: string, fromEnd: boolean): Tail | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  const { ino, size } = fstatSync(descriptor);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let at = fromEnd ? size : 0;
  let rest: Buffer = Buffer.alloc(0);
  return {
    inode: ino,
    read() {
      const lines: string[] = [];
      for (
        let count = readSync(descriptor, buffer, 0, chunkBytes, at);
        count > 0;
        count = readSync(descriptor, buffer, 0, chunkBytes, at)
      ) {
        at += count;
        const data = Buffer.concat([rest, buffer.subarray(0, count)]);
        const end = data.lastIndexOf(0x0a);
        rest = data.subarray(end + 1);
        if (end >= 0) lines.push(...data.toString("utf8", 0, end).split("\n"));
      }
      return lines;
    },
    close: () => closeSync(descriptor),
  };
}

/** A feed of what happens from now on; with `past` also of what the file and the one before it still have. */
export function openEventFeed(root: string, past = false): EventFeed {
  const path = eventFile(root);
  // Watched first: what is written after the first look wakes.
  const watching = watchNames(root, ["events", "events.1"]);
  let current = openTail(path, !past);
  // The one that was put aside: who had opened it before may still write to it.
  let aside = past ? openTail(`${path}.1`, false) : undefined;
  const inodeOf = (name: string) => statSync(name, { throwIfNoEntry: false })?.ino;
  /** Goes on to the new file. A file that came and was put aside between two looks is `events.1` now. */
  function advance(): string[] {
    const missed = current && inodeOf(`${path}.1`) !== current.inode ? openTail(`${path}.1`, false) : undefined;
    const lines = [...(current?.read() ?? []), ...(missed?.read() ?? [])];
    aside?.close();
    aside = missed ?? current;
    if (missed) current?.close();
    current = openTail(path, false);
    return lines;
  }
  return {
    read() {
      const lines = [...(aside?.read() ?? []), ...(current?.read() ?? [])];
      const inode = inodeOf(path);
      if (inode !== undefined && inode !== current?.inode) lines.push(...advance(), ...(current?.read() ?? []));
      return lines;
    },
    changed: watching.changed,
    close,
    [Symbol.dispose]: close,
  };
  function close(): void {
    watching.close();
    aside?.close();
    current?.close();
    aside = current = undefined;
  }
}

/** Changes of names in a directory; while it is not there, of the nearest directory above it. */
function watchNames(directory: string, names: readonly string[]) {
  const bell = createBell();
  // What is there already.
  bell.ring();
  let watcher = arm();
  function arm(): FSWatcher {
    return watchNearest(directory, (name, watched) => {
      if (watched === directory && name !== null && !names.includes(name)) return;
      if (watched !== directory) {
        watcher.close();
        watcher = arm();
      }
      bell.ring();
    });
  }
  return { changed: bell.rung, close: () => watcher.close() };
}
