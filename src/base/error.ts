// The one error type of tsns and what each kind means outside: exit code and HTTP status.
// It does not know who throws it or how it is printed.

/** What went wrong, as a closed set a caller can branch on. Never branch on message text. */
export type ErrorKind =
  | "invalid" // the request itself is wrong: bad unit, bad flag combination
  | "not-found" // a named object is not there
  | "conflict" // it exists already, is in use, or another command holds it
  | "denied" // no privilege
  | "unsupported" // this kernel or host cannot do it
  | "unavailable" // it could be done, but not now: disk full, registry silent
  | "interrupted" // a signal or an abort ended it
  | "internal"; // a defect of tsns

/** Exit code and HTTP status of each kind; docker's: 1 for a failed command, 2 is left to shells. */
export const errorTable: Readonly<Record<ErrorKind, { exitCode: number; httpStatus: number }>> = {
  invalid: { exitCode: 1, httpStatus: 400 },
  "not-found": { exitCode: 1, httpStatus: 404 },
  conflict: { exitCode: 1, httpStatus: 409 },
  denied: { exitCode: 1, httpStatus: 403 },
  unsupported: { exitCode: 1, httpStatus: 501 },
  unavailable: { exitCode: 1, httpStatus: 503 },
  interrupted: { exitCode: 130, httpStatus: 499 },
  internal: { exitCode: 1, httpStatus: 500 },
};

export interface ErrorOptions {
  /** What the reader can do about it: one line, imperative. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Overrides the exit code of the kind (docker's 125, 126, 127 of run and exec). */
  readonly exitCode?: number;
  /** Everything that is wrong, where that is more than one thing: a line each. A line break anywhere else is part of a name. */
  readonly problems?: readonly string[];
}

/** An error with a closed `kind`, a stable `code` (kebab-case), a message that names the object, and a remedy. */
export class TsnsError extends Error {
  /** By shape: a chunk of the shipped command that is loaded later has its own copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && "kind" in value && "code" in value && "exitCode" in value;
  }

  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly problems: readonly string[] | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TsnsError";
    this.kind = kind;
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? errorTable[kind].exitCode;
    this.problems = options.problems;
  }
}

/** A system call that failed: which one, its errno name (ENOENT ...), on what, in which step of a plan. */
export class KernelError extends TsnsError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof TsnsError && "syscall" in value && "errno" in value && "target" in value;
  }

  readonly syscall: string;
  readonly errno: string;
  readonly target: string;
  readonly step: string | undefined;

  constructor(syscall: string, errno: string, target: string, options: ErrorOptions & { step?: string; message?: string } = {}) {
    super(kindOfErrno(errno), `kernel-${errno.toLowerCase()}`, options.message ?? `${syscall} ${target}: ${describeErrno(errno)}`, options);
    this.name = "KernelError";
    this.syscall = syscall;
    this.errno = errno;
    this.target = target;
    this.step = options.step;
  }
}

/** The same error with `name` before its message, where that does not say `mark` (by default the name) yet; others come back as they are. */
export function named(error: unknown, name: string, mark = name): unknown {
  if (!(error instanceof TsnsError) || error.kind === "interrupted" || error.message.includes(mark)) return error;
  const { hint, exitCode } = error;
  const message = `${name}: ${error.message}`;
  const options = { cause: error, exitCode, ...(hint === undefined ? {} : { hint }) };
  if (!(error instanceof KernelError)) return new TsnsError(error.kind, error.code, message, options);
  return new KernelError(error.syscall, error.errno, error.target, {
    ...options,
    message,
    ...(error.step === undefined ? {} : { step: error.step }),
  });
}

/** True for a Node system error (`fs`, `child_process`) with the given errno name. */
export function isErrno(error: unknown, ...names: string[]): boolean {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return false;
  return names.includes(error.code);
}

/** Errno (errno(3)) to kind. */
function kindOfErrno(errno: string): ErrorKind {
  switch (errno) {
    case "EPERM":
    case "EACCES":
      return "denied";
    case "ENOENT":
    case "ESRCH":
    case "ENODEV":
    case "ENXIO":
      return "not-found";
    case "EEXIST":
    case "EBUSY":
    case "EADDRINUSE":
      return "conflict";
    case "ENOSYS":
    case "EOPNOTSUPP":
    case "EAFNOSUPPORT":
      return "unsupported";
    case "ENOSPC":
    case "EDQUOT":
    case "ENOMEM":
    case "EAGAIN":
    case "EMFILE":
    case "ENFILE":
      return "unavailable";
    case "EINVAL":
    case "ENAMETOOLONG":
    case "ERANGE":
      return "invalid";
    default:
      return "internal";
  }
}

const errnoWords: Readonly<Record<string, string>> = {
  EPERM: "operation not permitted",
  EACCES: "permission denied",
  ENOENT: "no such file or directory",
  ESRCH: "no such process",
  ENODEV: "no such device",
  EEXIST: "already exists",
  EBUSY: "busy",
  ENOSPC: "no space left on device",
  EINVAL: "invalid argument",
  ENOSYS: "not supported by this kernel",
  EOPNOTSUPP: "not supported",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  ELOOP: "too many links, or the layers overlap",
  EADDRINUSE: "address already in use",
  ENOTEMPTY: "directory not empty",
  EROFS: "read-only file system",
  ENOEXEC: "exec format error",
  EMLINK: "too many hard links to one file",
  EFBIG: "file too large",
  EDQUOT: "disk quota exceeded",
  ECONNREFUSED: "connection refused",
  ENETUNREACH: "network is unreachable",
  EHOSTUNREACH: "no route to host",
  ETIMEDOUT: "connection timed out",
};

/** A few words for an errno name, as strerror(3) would say them. */
export function describeErrno(errno: string): string {
  return errnoWords[errno] ?? errno;
}
