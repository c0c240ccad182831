// What the OCI runtime keeps, below a state root of its own: a directory for each container with record, configuration, process and what `delete`
// has to undo. It knows files alone; whether anything runs is src/engine/runtime/observe.ts's. native/oci.c reads the same directories.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isErrno, TsnsError } from "../base/error.ts";
import { parseObject } from "../base/json.ts";
import type { RuntimeRecord } from "../runtime/record.ts";
import { ensureDirectory } from "./directory.ts";
import { fileError, replaceFile } from "./replace-file.ts";

/** A process by pid and start time. */
export interface RuntimeProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

/** What is there from the first moment on: nothing is made for a container before these are. */
export interface RuntimeFiles {
  readonly record: RuntimeRecord;
  /** config.json as it is now. */
  readonly configText: string;
  /** What native/oci-state.c prints, encoded. */
  readonly view: string;
  /** Operations for `dist/tsns-oci delete` (native/README.md), encoded. */
  readonly undo: string;
  /** Start or delete has more to do than the native quick path does. */
  readonly isElaborate: boolean;
}

const stateHint = "--root names another directory for the state";

/** No name that begins so is an id: directories on their way in or out. */
const passing = "@";

export const runtimeDirectory = (root: string, id: string): string => `${root}/${id}`;

/**
 * Takes the id: the directory appears whole, with the lock of who makes it, or not at all. Throws conflict where the id is taken, KernelError
 * for what the file system refuses.
 */
export function claimRuntime(root: string, files: RuntimeFiles, self: RuntimeProcessIdentity): void {
  const made = `${root}/${passing}new-${self.pid}-${self.startTime}`;
  try {
    ensureDirectory(root, 0o700);
    mkdirSync(made, { mode: 0o700 });
    writeFileSync(`${made}/record.json`, JSON.stringify(files.record), { mode: 0o600 });
    writeFileSync(`${made}/config.json`, files.configText, { mode: 0o600 });
    writeFileSync(`${made}/view`, files.view, { mode: 0o600 });
    writeFileSync(`${made}/undo`, files.undo, { mode: 0o600 });
    writeFileSync(`${made}/lock.1`, `${self.pid} ${self.startTime}\n`, { mode: 0o600 });
    if (files.record.sharesPids) writeFileSync(`${made}/shared-pids`, "", { mode: 0o600 });
    if (files.isElaborate) writeFileSync(`${made}/hooks`, "", { mode: 0o600 });
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw stateError(error, root);
  }
  moveIn(made, root, files.record.id);
}

function moveIn(made: string, root: string, id: string): void {
  try {
    renameSync(made, runtimeDirectory(root, id));
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!isErrno(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw stateError(error, root);
    throw new TsnsError("conflict", "id-taken", `container with given ID already exists: ${id}`, {
      hint: "delete that one first (delete --force, if list does not show it), or choose another ID",
      cause: error,
    });
  }
}

/** Gives back the lock that `claimRuntime` took. */
export function releaseClaim(root: string, id: string): void {
  rmSync(`${runtimeDirectory(root, id)}/lock.1`, { force: true });
}

/** Adds its first process: from now on it is created. */
export function recordRuntimeProcess(root: string, id: string, { pid, startTime }: RuntimeProcessIdentity): void {
  replaceFile(`${runtimeDirectory(root, id)}/process`, `${pid} ${startTime}\n`, 0o600, stateHint);
}

/** The record, with its process where it has one; undefined where there is no such container. Throws internal for one that cannot be read. */
export function readRuntime(root: string, id: string): RuntimeRecord | undefined {
  const directory = runtimeDirectory(root, id);
  const text = readText(`${directory}/record.json`);
  if (text === undefined) return undefined;
  const record = parseObject(text);
  if (!record || !isRecord(record)) {
    throw new TsnsError("internal", "bad-record", `${directory}/record.json: not what tsns writes`, { hint: "delete --force removes it" });
  }
  const process = readRuntimeProcess(root, id);
  return { ...record, ...(process ? { process } : {}) };
}

const isRecord = (value: object): value is RuntimeRecord => {
  const { bundle, rootfs, owner, createdMs, groups, annotations, hooks } = value as Record<string, unknown>;
  return (
    [bundle, rootfs, owner].every((each) => typeof each === "string") &&
    typeof createdMs === "number" &&
    [groups, annotations, hooks].every((each) => typeof each === "object" && each !== null)
  );
};

/** Its first process; undefined until there is one. */
export function readRuntimeProcess(root: string, id: string): RuntimeProcessIdentity | undefined {
  return parseProcess(readText(`${runtimeDirectory(root, id)}/process`) ?? "");
}

/** config.json as it was when the container was created. */
export function readRuntimeConfig(root: string, id: string): string {
  return readText(`${runtimeDirectory(root, id)}/config.json`) ?? "{}";
}

/** Resources whose devices `update` has set; undefined until it has. */
export function readRuntimeDevices(root: string, id: string): string | undefined {
  return readText(`${runtimeDirectory(root, id)}/devices`);
}

/** One that cannot be written whole is not there. */
export function writeRuntimeDevices(root: string, id: string, text: string): void {
  replaceFile(`${runtimeDirectory(root, id)}/devices`, text, 0o600, stateHint);
}

/** What `delete` undoes, as it was encoded. */
export function readRuntimeUndo(root: string, id: string): string {
  return readText(`${runtimeDirectory(root, id)}/undo`) ?? "";
}

/** What the journal names is not the container's: `delete` undoes nothing of it. */
export function forgetRuntimeUndo(root: string, id: string): void {
  const path = `${runtimeDirectory(root, id)}/undo`;
  try {
    writeFileSync(path, "");
  } catch (error) {
    throw stateError(error, path);
  }
}

/** Ids in order. */
export function listRuntimes(root: string): readonly string[] {
  return namesIn(root).filter((name) => !name.startsWith(passing));
}

/** Removes the directory; nothing of it can be seen from the first moment on. A directory that is gone is no error. */
export function removeRuntime(root: string, id: string, self: RuntimeProcessIdentity): void {
  const gone = `${root}/${passing}gone-${self.pid}-${self.startTime}`;
  try {
    renameSync(runtimeDirectory(root, id), gone);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw stateError(error, runtimeDirectory(root, id));
  }
  rmSync(gone, { recursive: true, force: true });
}

/** Removes directories on their way whose process is not there any more. */
export function sweepRuntimes(root: string, isAlive: (process: RuntimeProcessIdentity) => boolean): void {
  for (const name of namesIn(root)) {
    const [, pid, startTime] = /^@(?:new|gone)-(\d+)-(\d+)$/.exec(name) ?? [];
    if (pid === undefined || isAlive({ pid: Number(pid), startTime: Number(startTime) })) continue;
    rmSync(`${root}/${name}`, { recursive: true, force: true });
  }
}

/** "PID START", as the files `process` and `lock.N` have it. */
export function parseProcess(text: string): RuntimeProcessIdentity | undefined {
  const match = /^(\d{1,10}) (\d{1,20})\n$/.exec(text);
  return match ? { pid: Number(match[1]), startTime: Number(match[2]) } : undefined;
}

function namesIn(root: string): readonly string[] {
  try {
    return readdirSync(root).sort();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw stateError(error, root);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return undefined;
    throw stateError(error, path);
  }
}

function stateError(error: unknown, path: string): unknown {
  return fileError(error, path, stateHint);
}
