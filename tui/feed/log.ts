// What containers write: lines around where somebody looks; one of them whole; and whether there is a file already where some are to be saved.
import { statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readWholeLine } from "../../src/engine/container/log/whole.ts";
import { openLogView } from "../../src/engine/live/log.ts";
import type { LiveSource } from "../../src/engine/live/source.ts";
import type { FeedTable } from "../model/need.ts";
import type { FeedMakers } from "./feed.ts";

export const logFeed =
  (sourceOf: (place: Parameters<FeedMakers["logs"]>[0]) => LiveSource): FeedMakers["logs"] =>
  (place, asks) => {
    const view = openLogView(place.engine, asks, { told: place.emit, failed: place.fail });
    const following = sourceOf(place).followContainers({ told: view.tell, failed: place.fail });
    return {
      want: view.want,
      [Symbol.dispose]() {
        following[Symbol.dispose]();
        view[Symbol.dispose]();
      },
    };
  };

export const logLineFeed: FeedMakers["logLine"] = ({ engine, emit, fail }, first) => {
  const tell = ({ id, ...mark }: FeedTable["logLine"]["asks"]) => {
    try {
      emit({ id, at: mark.at, line: readWholeLine(engine, id, mark) });
    } catch (error) {
      fail(error);
    }
  };
  const timer = setImmediate(tell, first);
  return { want: tell, [Symbol.dispose]: () => clearImmediate(timer) };
};

export const fileFeed: FeedMakers["file"] = ({ emit }, first) => {
  const tell = ({ path }: FeedTable["file"]["asks"]) => emit({ path, isThere: isThere(path) });
  const timer = setImmediate(tell, first);
  return { want: (asks) => setImmediate(tell, asks), [Symbol.dispose]: () => clearImmediate(timer) };
};

function isThere(path: string): boolean {
  try {
    return path !== "" && statSync(resolve(path), { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A way that leads through no directory: writing says so.
    return false;
  }
}

/** A new file, or one that somebody has agreed to write over. Throws what the file system says. */
export function saveText(path: string, text: string, overwrites: boolean): void {
  writeFileSync(resolve(path), text, { flag: overwrites ? "w" : "wx" });
}
