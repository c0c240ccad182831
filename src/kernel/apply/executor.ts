// What an executor of steps is, and how the failures of Node's file calls become kernel errors.
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import type { Step } from "../../plan/step.ts";

/** For each kind of a noun's steps what performs it. */
export type Executors<S extends Step> = { readonly [K in S["kind"]]: (step: Extract<S, { kind: K }>) => void | Promise<void> };

/** Steps that are no effect on the kernel by themselves. */
export function notHere(step: Step): never {
  throw new TsnsError("internal", "no-executor", `${step.kind} is carried out by its use case, not by apply`);
}

/** Runs file calls; their errors come out as KernelError of that system call and path. */
export function guard(syscall: string, path: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      throw new KernelError(syscall, error.code, path, {
        cause: error,
        ...(error.code === "ENOSPC" ? { hint: "free space below the data root" } : {}),
      });
    }
    throw error;
  }
}

/** Runs a removal; what is not there is no error. */
export function ignoreMissing(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}
