// What there is of a path that may be made yet.
import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** The path, or the nearest directory above it that is there. `path` is absolute. */
export function nearestExisting(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}
