// Where `cp` puts what it copies: docker's rules over source and destination as values. Pure; whether something is there is told.
import { posix } from "node:path";
import { TsnsError } from "../base/error.ts";

/** A side of `cp`: a path of a container, one of the host, or standard input and output. */
export type CopySide =
  | { readonly kind: "container"; readonly container: string; readonly path: string }
  | { readonly kind: "host"; readonly path: string }
  | { readonly kind: "stream" };

/** `CONTAINER:PATH`, `PATH` or `-`. Absolute paths, and names before the colon that begin with a dot, are the host's. */
export function parseCopySide(text: string): CopySide {
  if (text === "-") return { kind: "stream" };
  const at = text.indexOf(":");
  if (text.startsWith("/") || at < 0 || text.startsWith(".")) return { kind: "host", path: text };
  return { kind: "container", container: text.slice(0, at), path: text.slice(at + 1) };
}

export interface CopySource {
  /** Last name of the path, "." where only what is inside is meant, "" for the root. */
  readonly base: string;
  readonly isDirectory: boolean;
}

export interface CopyTarget {
  /** Undefined: nothing is there. */
  readonly isDirectory: boolean | undefined;
  /** The path ends in a slash: it means a directory. */
  readonly meansDirectory: boolean;
}

/**
 * `into`: below the target under that name ("" for the contents of a directory alone). `as`: the target is the copy itself. Throws TsnsError
 * invalid in docker's words.
 */
export function placeCopy(source: CopySource, target: CopyTarget): { readonly into: string } | "as" {
  if (target.isDirectory) return { into: source.base === "." ? "" : source.base };
  if (source.isDirectory) {
    if (target.isDirectory === undefined) return "as";
    throw new TsnsError("invalid", "copy-directory", "cannot copy directory", { hint: "the destination is a file" });
  }
  if (target.meansDirectory) throw new TsnsError("invalid", "no-directory", "no such directory", { hint: "make the destination first" });
  return "as";
}

/** Last name of a path as docker counts it: `a/b/` is b, `a/b/.` only what is inside (".", and "" for the root). Never "..". */
export function copyBase(path: string): string {
  if (/(^|\/)\.$/.test(path)) return ".";
  return posix.basename(posix.resolve("/", path));
}

/** Whether only a directory can be meant. */
export const meansDirectory = (path: string): boolean => /(^|\/)\.?$/.test(path);

/** What an entry takes in a tar: docker counts a copy in these bytes. */
export const tarBytes = (sizeBytes: number): number => 512 + Math.ceil(sizeBytes / 512) * 512;
