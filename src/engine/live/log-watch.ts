// Directories of containers by inotify: something was written, or rotated.
import { type FSWatcher, watch } from "node:fs";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";

/** The directories of containers, watched while open. */
export function watchDirectories(engine: Engine, ids: readonly string[], ring: () => void): Disposable & { open(): void; close(): void } {
  let watchers: FSWatcher[] = [];
  const close = () => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  return {
    open() {
      close();
      for (const id of ids) {
        try {
          const watcher = watch(containerDirectory(engine.root, id).path, { persistent: false }, ring);
          // A directory that goes is a container that was removed: that is told by who follows containers.
          watcher.on("error", () => {});
          watchers.push(watcher);
        } catch {
          // It is gone.
        }
      }
    },
    close,
    [Symbol.dispose]: close,
  };
}
