// What node:fs cannot do to a tree, device nodes, fifos, extended attributes and times to the nanosecond, done by the native program
// tsns-tree in one batch (native/tree.c). Tolerates nothing itself: failures are handed to the caller.
import { spawnSync } from "node:child_process";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { distDirectory } from "../sandbox/location.ts";
import type { ByteString } from "./path.ts";

/** Paths are relative to the batch's directory and contain no links. Numbers of `mode` include the file type (inode(7)). */
export type NodeOperation =
  | { readonly operation: "mknod"; readonly path: ByteString; readonly mode: number; readonly major: number; readonly minor: number }
  | { readonly operation: "setxattr"; readonly path: ByteString; readonly name: string; readonly value: Buffer }
  /** Neither follows a link. */
  | { readonly operation: "own"; readonly path: ByteString; readonly mode: number; readonly uid: number; readonly gid: number }
  | { readonly operation: "times"; readonly path: ByteString; readonly seconds: number; readonly nanoseconds: number }
  /** What is made in this directory are unrelated trees: ext4 lays each in a block group of its own (`T` of chattr(1)). */
  | { readonly operation: "spread"; readonly path: ByteString };

export interface NodeFailure {
  readonly at: NodeOperation;
  readonly syscall: string;
  readonly errno: string;
}

/** TSNS_TREE names another build of it (sanitizers). */
const treeProgram: string = process.env.TSNS_TREE ?? `${distDirectory}/tsns-tree`;

/** Performs all operations below `directory` in order and returns those that failed. */
export function applyNodes(directory: string, operations: readonly NodeOperation[]): NodeFailure[] {
  if (operations.length === 0) return [];
  const result = spawnSync(treeProgram, [], {
    input: Buffer.concat([renderRecord([Buffer.from("root"), Buffer.from(directory)]), ...operations.map(renderOperation)]),
    stdio: ["pipe", "pipe", "pipe"],
    env: {},
    maxBuffer: 64 << 20,
  });
  if (result.error) {
    if (!isErrno(result.error, "ENOENT")) throw result.error;
    throw new TsnsError("unavailable", "no-native-program", `the program ${treeProgram} is missing`, { hint: "build it: npm ci" });
  }
  if (result.status !== 0) {
    throw new TsnsError("internal", "tree-program", `${treeProgram} failed on ${directory}: ${result.stderr.toString("utf8").trim()}`);
  }
  return parseFailures(result.stdout.toString("latin1"), operations, directory);
}

/** The program answers `error INDEX OPERATION SYSCALL ERRNO` for each failure; index 0 is the root record. */
function parseFailures(text: string, operations: readonly NodeOperation[], directory: string): NodeFailure[] {
  const failures: NodeFailure[] = [];
  for (const line of text.split("\n")) {
    const match = /^error (\d+) \S+ (\S+) (\S+)$/.exec(line);
    if (match?.[1] === "0") throw new KernelError(match[2] ?? "", match[3] ?? "", directory);
    const at = match && operations[Number(match[1]) - 1];
    if (match && at) failures.push({ at, syscall: match[2] ?? "", errno: match[3] ?? "" });
  }
  return failures;
}

/** `<count>\0<name>\0<arg>\0...`, as the sandbox's plans. */
function renderRecord(parts: readonly Buffer[]): Buffer {
  const nul = Buffer.alloc(1);
  return Buffer.concat([Buffer.from(`${parts.length}\0`), ...parts.flatMap((part) => [part, nul])]);
}

function renderOperation(operation: NodeOperation): Buffer {
  const path = Buffer.from(operation.path, "latin1");
  const rest = argumentsOf(operation).map((argument) => Buffer.from(String(argument)));
  return renderRecord([Buffer.from(operation.operation), path, ...rest]);
}

function argumentsOf(operation: NodeOperation): readonly (string | number)[] {
  switch (operation.operation) {
    case "mknod":
      return [operation.mode, operation.major, operation.minor];
    case "setxattr":
      return [operation.name, operation.value.toString("hex")];
    case "own":
      return [operation.mode, operation.uid, operation.gid];
    case "times":
      return [operation.seconds, operation.nanoseconds];
    case "spread":
      return [];
  }
}
