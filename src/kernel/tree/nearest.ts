// What there is of a path that may be made yet.
import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { isErrno } from "../../base/error.ts";

/** The path, or the nearest directory above it that is there. `path` is absolute. */
export function nearestExisting(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}

/**
 * Watches the path, or the nearest directory above it, until that is closed; `watched` says which. Whoever was told of something there looks again:
 * what is nearer by then wants another watch.
 */
export function watchNearest(path: string, changed: (name: string | null, watched: string) => void): FSWatcher {
  for (;;) {
    const watched = nearestExisting(path);
    try {
      const watcher = watch(watched, (_, name) => changed(name, watched));
      watcher.on("error", () => {});
      // What is nearer may have come before it was watched for: nothing would tell of it.
      if (nearestExisting(path) === watched) return watcher;
      watcher.close();
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
    }
  }
}
