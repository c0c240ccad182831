// Copies files and directories from one open directory into another, both of which others may change meanwhile: every name is reached
// through a directory held open, no link is followed, what is read is what was opened. Replaces files, merges directories (docker cp).
import { closeSync, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, unlinkSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { tarBytes } from "../../container/copy-place.ts";
import {
  announceNode,
  type Copying,
  type CopyOptions,
  call,
  copyFile,
  copyLink,
  directoryFlags,
  type Pair,
  setAttributes,
} from "./copy-file.ts";
import { systemError } from "./inside.ts";
import { applyNodes } from "./node-batch.ts";
import { at, type ByteString, toText } from "./path.ts";

export interface Copied {
  /** As a tar would have them, docker's count. */
  readonly bytes: number;
  /** Files that may carry capabilities: paths below the two directories. */
  readonly programs: readonly { readonly from: ByteString; readonly to: ByteString }[];
}

/**
 * Copies `source` of one open directory to `target` of the other; yields after each entry. A source "." and a target "." are the directories
 * themselves. Throws KernelError, and TsnsError conflict where a directory meets what is none.
 */
export function* copyTree(
  from: { readonly directoryFd: number; readonly name: ByteString },
  to: { readonly directoryFd: number; readonly name: ByteString },
  options: CopyOptions,
): Generator<void, Copied> {
  const copying: Copying = { ...options, links: new Map(), targetFd: to.directoryFd, nodes: [], programs: [], bytes: 1024 };
  yield* copyEntry(copying, {
    sourceFd: from.directoryFd,
    source: from.name,
    targetFd: to.directoryFd,
    target: to.name,
    from: from.name === "." ? "" : from.name,
    to: to.name === "." ? "" : to.name,
  });
  for (const { at: node, syscall, errno } of applyNodes(`/proc/${process.pid}/fd/${to.directoryFd}`, copying.nodes))
    throw new KernelError(syscall, errno, toText(node.path));
  return { bytes: copying.bytes, programs: copying.programs };
}

function* copyEntry(copying: Copying, pair: Pair): Generator<void> {
  const stat = call("lstat", pair.from, () => lstatSync(at(pair.sourceFd, pair.source)));
  if (stat.isDirectory()) yield* copyDirectory(copying, pair);
  else {
    clear(pair);
    if (stat.isFile()) copyFile(copying, pair, stat);
    else if (stat.isSymbolicLink()) copyLink(copying, pair, stat);
    else if (stat.isSocket()) copying.warn(`${toText(pair.from)}: a socket is not copied`);
    else announceNode(copying, pair, stat);
    yield;
  }
}

function* copyDirectory(copying: Copying, pair: Pair): Generator<void> {
  const sourceFd = call("open", pair.from, () => openSync(at(pair.sourceFd, pair.source), directoryFlags));
  try {
    const stat = fstatSync(sourceFd);
    makeDirectory(pair);
    const targetFd = call("open", pair.to, () => openSync(at(pair.targetFd, pair.target), directoryFlags));
    try {
      copying.bytes += tarBytes(0);
      const below = (path: ByteString, name: ByteString) => (path === "" ? name : `${path}/${name}`);
      for (const name of readdirSync(`/proc/self/fd/${sourceFd}`, { encoding: "latin1" })) {
        yield* copyEntry(copying, {
          sourceFd,
          source: name,
          targetFd,
          target: name,
          from: below(pair.from, name),
          to: below(pair.to, name),
        });
      }
      setAttributes(copying, targetFd, stat, pair.to);
    } finally {
      closeSync(targetFd);
    }
  } finally {
    closeSync(sourceFd);
  }
  yield;
}

function makeDirectory({ targetFd, target, to }: Pair): void {
  if (target === ".") return;
  try {
    mkdirSync(at(targetFd, target), 0o700);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw systemError("mkdir", error, toText(to));
    if (lstatSync(at(targetFd, target)).isDirectory()) return;
    throw new TsnsError(
      "conflict",
      "not-a-directory",
      `cannot overwrite non-directory "${toText(to)}" with directory "${toText(target)}"`,
      {
        hint: "remove it first, or choose another destination",
      },
    );
  }
}

/** Takes a file away whose place is needed. */
function clear({ targetFd, target, to, source }: Pair): void {
  const stat = lstatSync(at(targetFd, target), { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) {
    call("unlink", to, () => unlinkSync(at(targetFd, target)));
    return;
  }
  throw new TsnsError("conflict", "is-a-directory", `cannot overwrite directory "${toText(to)}" with non-directory "${toText(source)}"`, {
    hint: "remove it first, or choose another destination",
  });
}
