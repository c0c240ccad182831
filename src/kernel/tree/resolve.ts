// Where an entry of an archive belongs inside a directory: names are made relative, and symbolic links of the archive are followed as a
// root directory would have them (chroot(2)), never out of it. A link that another process puts in the way is not followed (held.ts).
import { lstatSync, mkdirSync, readlinkSync, type Stats } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { holdTree } from "./held.ts";
import { type ByteString, toText } from "./path.ts";

/** As the kernel's own limit (path_resolution(7)). */
const linksMax = 40;

/** A path below the root without links, "" for the root itself. */
export type InnerPath = ByteString;

/** What is remembered of directories is only remembered: past this number it begins again, so that memory stays flat. */
const knownMax = 16_384;
/** Also in bytes of their paths, which a hostile archive makes long. */
const knownBytesMax = 4 << 20;

export interface Resolver {
  /** An inner path for node:fs, to be used at once. Its parent is there. */
  full(path: InnerPath): string | Buffer;
  /** Directory of a name: its inner path; missing directories are made when `create` is given, which is told first, else undefined. */
  directory(names: readonly ByteString[], create?: (path: InnerPath) => void): InnerPath | undefined;
  /** To be told before what is at a path is replaced. */
  forget(path: InnerPath): void;
  /** To be told of a directory that has been made. */
  learn(path: InnerPath): void;
  /** Closes what it holds. */
  close(): void;
}

/** Names of an archive path: "./a//b/" is a, b. Throws TsnsError invalid `archive-escape` when ".." leads above the root. */
export function archiveNames(path: ByteString): ByteString[] {
  const names: ByteString[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) throw escapeError(path);
  }
  return names;
}

export function joinInner(directory: InnerPath, name: ByteString): InnerPath {
  return directory === "" ? name : `${directory}/${name}`;
}

/** A resolver for the directory `root` (a byte string), to which the way is trusted. Holds descriptors until it is closed. */
export function openResolver(root: ByteString): Resolver {
  const known = new Set<InnerPath>();
  const answers = new Map<string, InnerPath>();
  let knownBytes = 0;
  let answerBytes = 0;
  const held = holdTree(root);
  const full = (path: InnerPath): string | Buffer => {
    try {
      return held.path(path);
    } catch (error) {
      throw fsError("open", error, path);
    }
  };
  const remember = (path: InnerPath): void => {
    if (known.size >= knownMax || knownBytes >= knownBytesMax) {
      known.clear();
      knownBytes = 0;
    }
    known.add(path);
    knownBytes += path.length;
  };
  const walk = (names: readonly ByteString[], create?: (path: InnerPath) => void): InnerPath | undefined => {
    const ahead = [...names].reverse();
    let here: InnerPath = "";
    let links = 0;
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      if (name === "" || name === ".") continue;
      const next: InnerPath = name === ".." ? here.slice(0, Math.max(here.lastIndexOf("/"), 0)) : joinInner(here, name);
      if (name === ".." || known.has(next)) {
        here = next;
        continue;
      }
      const stat = readStat(full(next), next);
      if (stat?.isSymbolicLink()) {
        if (++links > linksMax) throw new KernelError("open", "ELOOP", toText(names.join("/")));
        const target = readlinkSync(full(next), "latin1");
        if (target.startsWith("/")) here = "";
        ahead.push(...target.split("/").reverse());
        continue;
      }
      if (stat && !stat.isDirectory()) throw notDirectory(names, next);
      if (!stat) {
        if (!create) return undefined;
        create(next);
        makeDirectory(full(next), next);
      }
      remember(next);
      here = next;
    }
    return here;
  };
  return {
    full,
    directory(names, create) {
      const key = names.join("/");
      const before = answers.get(key);
      if (before !== undefined) return before;
      const answer = walk(names, create);
      if (answer === undefined) return undefined;
      if (answers.size >= knownMax || answerBytes >= knownBytesMax) {
        answers.clear();
        answerBytes = 0;
      }
      answers.set(key, answer);
      answerBytes += key.length + answer.length;
      return answer;
    },
    forget(path) {
      known.clear();
      answers.clear();
      knownBytes = 0;
      answerBytes = 0;
      held.forget(path);
    },
    learn: remember,
    close: () => held.close(),
  };
}

/** lstat(2); undefined when nothing is there. */
export function readStat(path: string | Buffer, inner: InnerPath): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fsError("lstat", error, inner);
  }
}

export function makeDirectory(path: string | Buffer, inner: InnerPath): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    throw fsError("mkdir", error, inner);
  }
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "free space, or give --root DIR on another disk",
  EDQUOT: "free space, or give --root DIR on another disk",
  EPERM: "files of an image belong to many users: run as root",
};

/** A failed call of node:fs as KernelError that names the entry. */
export function fsError(syscall: string, cause: unknown, inner: InnerPath): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string" || isErrno(cause, "ERR_INVALID_ARG_VALUE"))
    return cause;
  const hint = hints[cause.code];
  return new KernelError(syscall, cause.code, toText(inner) || ".", { cause, ...(hint === undefined ? {} : { hint }) });
}

function notDirectory(names: readonly ByteString[], file: InnerPath): TsnsError {
  return new TsnsError(
    "invalid",
    "bad-archive",
    `the archive has ${toText(names.join("/"))} below ${toText(file)}, which is no directory`,
    {
      hint: "check the order of its entries with: tar -tvf FILE",
    },
  );
}

function escapeError(path: ByteString): TsnsError {
  return new TsnsError("invalid", "archive-escape", `the archive has an entry outside its root: ${JSON.stringify(toText(path))}`, {
    hint: "do not use this archive; it is hostile or badly made",
  });
}
