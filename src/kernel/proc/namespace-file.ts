// Files that are namespaces: links in /proc/PID/ns, bind mounts of them, open descriptors. Finds the file of an inode and tells
// what a path is; enters nothing.
import { readFileSync, readlinkSync, statfsSync, statSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";
import { parseMountInfo } from "../../mount/state.ts";
import { type NamespaceName, parseNamespaceName } from "../../namespace/inode.ts";
import { readDescriptors } from "./descriptor.ts";

const nsfsMagic = 0x6e736673; // NSFS_MAGIC, linux/magic.h

/** A namespace held by a bind mount in this process's mount namespace. */
export interface NamespaceMount extends NamespaceName {
  readonly target: string;
}

/** Parses the nsfs mounts of a mountinfo text: their root is `net:[4026532208]`. */
export function parseNamespaceMounts(text: string): readonly NamespaceMount[] {
  if (!text.includes(" nsfs ")) return [];
  return parseMountInfo(text).flatMap(({ type, root, target }) => {
    const name = type === "nsfs" ? parseNamespaceName(root) : undefined;
    return name ? [{ ...name, target }] : [];
  });
}

/** Of this process's mount namespace. */
export function readNamespaceMounts(): readonly NamespaceMount[] {
  return parseNamespaceMounts(readFileSync("/proc/self/mountinfo", "utf8"));
}

export interface NamespaceFile {
  readonly inode: number;
  /** Undefined where the kernel tells the kind only to one who opens the file. */
  readonly name?: NamespaceName;
}

/** What a path is: a namespace, or undefined for any other file. Throws KernelError when it cannot be looked at. */
export function readNamespaceFile(path: string): NamespaceFile | undefined {
  try {
    const inode = statSync(path).ino;
    if (statfsSync(path).type !== nsfsMagic) return undefined;
    const name = nameOfLink(path) ?? readNamespaceMounts().find((mount) => mount.inode === inode);
    return { inode, ...(name ? { name: { kind: name.kind, inode: name.inode } } : {}) };
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      throw new KernelError("stat", error.code, path, {
        cause: error,
        ...pathHint(error.code, path),
      });
    }
    throw error;
  }
}

function nameOfLink(path: string): NamespaceName | undefined {
  try {
    return parseNamespaceName(readlinkSync(path));
  } catch {
    return undefined; // no link: a bind mount
  }
}

/** A namespace that a process holds open. */
export interface NamespaceDescriptor extends NamespaceName {
  readonly pid: number;
  readonly fd: number;
}

/** Open namespace files of one process; none when it is gone or not ours to see. One readlink per descriptor. */
export function readNamespaceDescriptors(pid: number): readonly NamespaceDescriptor[] {
  const found: NamespaceDescriptor[] = [];
  for (const { fd, target } of readDescriptors(pid)) {
    const name = target.includes(":[") ? parseNamespaceName(target) : undefined;
    if (name) found.push({ ...name, pid, fd });
  }
  return found;
}
