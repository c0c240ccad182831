// The two ends of a copy, found without being led astray, and docker's words for those that are not there or may not be written.
import { closeSync } from "node:fs";
import { resolve } from "node:path";
import { KernelError, TsnsError } from "../../base/error.ts";
import type { CopySide } from "../../container/copy-place.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { findInside, type InsidePlace, openTreeRoot } from "../../kernel/tree/inside.ts";
import { toByteString } from "../../kernel/tree/path.ts";

type Inside = Extract<CopySide, { kind: "container" }>;

/** Absolute, as it ends: a slash or `/.` has a meaning. */
export function hostPath(cwd: string, path: string): string {
  const full = resolve(cwd, path);
  const end = /(^|\/)\.$/.test(path) ? "/." : path.endsWith("/") ? "/" : "";
  return full === "/" ? `/${end.slice(1)}` : `${full}${end}`;
}

/** docker's refusal, before anything is made. The longest mount on the way decides. */
export function refuseReadOnly({ spec }: ContainerRecord, path: string): void {
  const full = resolve("/", path);
  const over = spec.mounts
    .filter(({ target }) => full === target || full.startsWith(`${target === "/" ? "" : target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  if (over && over.type !== "tmpfs" && over.readOnly) throw readOnly("mounted volume is marked read-only");
  if (!over && spec.readOnlyRoot) throw readOnly("container rootfs is marked read-only");
}

const readOnly = (message: string): TsnsError => new TsnsError("conflict", "read-only", message, { hint: "choose a writable mount of it" });

/** The container's path as docker words its absence. */
export function findSource(rootFd: number, { path, container }: Inside, follow: boolean): InsidePlace {
  const place = findOrTell(rootFd, path, follow, () => noSuchFile(path, container));
  if (place.stat) return place;
  place[Symbol.dispose]();
  throw noSuchFile(path, container);
}

export function noSuchFile(path: string, container: string): TsnsError {
  return new TsnsError("not-found", "no-such-file", `Could not find the file ${path} in container ${container}`, {
    hint: `tsns exec ${container} ls shows what is there`,
  });
}

export function findOrTell(rootFd: number, path: string, follow: boolean, tell: () => TsnsError): InsidePlace {
  try {
    return findInside(rootFd, toByteString(path), follow);
  } catch (error) {
    if (error instanceof KernelError && error.errno === "ENOENT") throw tell();
    throw error;
  }
}

export function missingParent(path: string): TsnsError {
  const parent = resolve(path, "..");
  return new TsnsError("invalid", "no-output-directory", `invalid output path: directory "${parent}" does not exist`, {
    hint: "make it first",
  });
}

export const findTarget = (rootFd: number, path: string, tell: () => TsnsError): InsidePlace => findOrTell(rootFd, path, true, tell);

/** The host's root, open. */
export function openHost() {
  const fd = openTreeRoot("/");
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
