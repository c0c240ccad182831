// Calls of the native helper for namespaces that end with one answer. What its operations do is in native/ns*.c.
import { KernelError } from "../../base/error.ts";
import { type ProgramResult, runProgram } from "../proc/program.ts";
import { helperMissing, namespaceProgram } from "./location.ts";

/** What one who knows the operation can say of its failure. */
export interface FailureWords {
  readonly message?: string;
  readonly hint?: string;
}

export interface CallOptions {
  readonly input?: Uint8Array;
  readonly explain?: (failure: KernelError) => FailureWords;
}

/** Runs one operation; its standard output. Throws KernelError with the system call and target that failed, unavailable `helper-missing`. */
export function runNamespaceProgram(args: readonly string[], { input, explain }: CallOptions = {}): Buffer {
  const { status, stdout, stderr } = start(args, input);
  if (status === 0) return stdout;
  const failure = parseFailure(stderr.toString("utf8"));
  throw explain ? new KernelError(failure.syscall, failure.errno, failure.target, explain(failure)) : failure;
}

function start(args: readonly string[], input: Uint8Array | undefined): ProgramResult {
  try {
    return runProgram(namespaceProgram, args, input);
  } catch (error) {
    throw error instanceof KernelError ? helperMissing(namespaceProgram, { cause: error }) : error;
  }
}

/** The line of native/ns.c: errno, system call and target between tabs. */
export function parseFailure(line: string): KernelError {
  const [errno = "EIO", syscall = "exec", target = "tsns-ns"] = line.trim().split("\t");
  return new KernelError(syscall, errno === "" ? "EIO" : errno, target);
}
