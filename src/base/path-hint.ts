// What to do when the kernel refuses a path that somebody gave. Knows the errno, the path, and whether root asks.
import { dirname } from "node:path";

/** The remedy for an errno (errno(3)) of a look-up, path_resolution(7); undefined for those that say nothing of the path. */
export function hintOfPath(errno: string, path: string): string | undefined {
  switch (errno) {
    case "ENOENT":
      return path === dirname(path) ? "check the path" : `see what is there: ls ${dirname(path)}`;
    case "ENOTDIR":
      return "give a directory, or a path below one";
    case "EISDIR":
      return "give the path of a file";
    case "EACCES":
    case "EPERM":
      return process.geteuid?.() === 0
        ? "refused to root too: a capability is missing here, or a security module forbids it"
        : "run as root";
    case "ELOOP":
      return "its links lead in a circle: give the path they stand for";
    case "ENAMETOOLONG":
      return "at most 255 bytes for a name, 4095 for a path";
    default:
      return undefined;
  }
}

/** As an option of errors. */
export function pathHint(errno: string, path: string): { readonly hint?: string } {
  const hint = hintOfPath(errno, path);
  return hint === undefined ? {} : { hint };
}
