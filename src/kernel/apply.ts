// Carries out plans on this kernel: one executor per kind of step, chosen by the type of the step.
// Decides nothing; what to do and in which order is in the plan.
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, rmdirSync, truncateSync, writeFileSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../base/error.ts";
import type { Plan } from "../plan/plan.ts";
import type { Step, StepKind, StepOf } from "../plan/step.ts";
import { createCgroup, removeCgroup, writeCgroupFile } from "./cgroup/index.ts";
import { applyRules } from "./iptables/index.ts";
import { isRunning } from "./proc/identity.ts";
import { removeTree } from "./tree/remove.ts";

/** A kernel that performs steps; the in-memory fake of the tests is another. */
export interface Kernel {
  perform(step: Step): void | Promise<void>;
}

type Executors = { readonly [K in StepKind]: (step: StepOf<K>) => void | Promise<void> };

const executors: Executors = {
  "directory.create": (step) =>
    guard("mkdir", step.path, () => {
      mkdirSync(step.path, { recursive: true, mode: step.mode });
      if (step.owner) chownSync(step.path, step.owner.uid, step.owner.gid);
    }),
  "directory.remove": (step) => guard("rmdir", step.path, () => ignoreMissing(() => rmdirSync(step.path))),
  "tree.remove": (step) => removeTree(step.path, { within: step.within }),
  "file.write": (step) =>
    guard("write", step.path, () => {
      writeFileSync(step.path, step.text, { mode: step.mode });
      if (step.owner) chownSync(step.path, step.owner.uid, step.owner.gid);
    }),
  "filesystem.create": (step) => createFilesystem(step.path, step.bytes),
  "cgroup.create": (step) => createCgroup(step.path),
  "cgroup.write": (step) => writeCgroupFile(step.path, step.value),
  "cgroup.remove": (step) => removeCgroup(step.path),
  "bridge.add": async (step) => (await import("./netlink/link.ts")).addBridge(step.name, step.mac),
  "link.up": async (step) => (await import("./netlink/link.ts")).setLinkUp(step.name),
  "address.add": async (step) => (await import("./netlink/link.ts")).addAddress(step.link, step.address),
  "link.remove": async (step) => (await import("./netlink/link.ts")).removeLink(step.name),
  "sysctl.write": (step) => {
    const path = `/proc/sys/${step.key.replaceAll(".", "/")}`;
    guard("write", path, () => writeFileSync(path, step.value));
  },
  "rule.apply": (step) => applyRules(step.transaction),
  "process.signal": (step) => signalProcess(step.pid, step.startTime, step.signal),
  "record.put": notHere,
  "layer.unpack": notHere,
  "archive.copy": notHere,
  "process.run": notHere,
  "image.put": notHere,
  "image.tag": notHere,
  "image.untag": notHere,
  "sandbox.start": notHere,
};

/** Steps that are no effect on the kernel by themselves. */
function notHere(step: Step): never {
  throw new TsnsError("internal", "no-executor", `${step.kind} is carried out by its use case, not by apply`);
}

/** The kernel of this machine. */
export const realKernel: Kernel = {
  perform: (step) => (executors[step.kind] as (step: Step) => void | Promise<void>)(step),
};

export interface ApplyOptions {
  /** Called after each step with its microseconds. */
  readonly onStep?: (at: number, micros: number) => void;
}

/** Performs the steps in order; stops at the first that fails, with the step's number in the error. Undoing is the caller's. */
export async function applyPlan(plan: Plan, kernel: Kernel, options: ApplyOptions = {}): Promise<void> {
  for (const [at, planned] of plan.steps.entries()) {
    const begin = options.onStep ? process.hrtime.bigint() : 0n;
    const pending = kernel.perform(planned.step);
    if (pending) await pending;
    options.onStep?.(at, Number(process.hrtime.bigint() - begin) / 1000);
  }
}

/** A process that is gone is no error: it is what the signal was for. */
function signalProcess(pid: number, startTime: number, signal: number): void {
  if (!isRunning({ pid, startTime })) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (isErrno(error, "ESRCH")) return;
    throw new KernelError("kill", isErrno(error, "EPERM") ? "EPERM" : "EINVAL", `process ${pid}`, { cause: error });
  }
}

function guard(syscall: string, path: string, body: () => void): void {
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

function ignoreMissing(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** A journal is no use on a file system whose life is one container's; without it mkfs takes a tenth of the time. */
function createFilesystem(path: string, bytes: number): void {
  guard("open", path, () => writeFileSync(path, "", { mode: 0o600 }));
  guard("truncate", path, () => truncateSync(path, bytes));
  const options = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard", path];
  const result = spawnSync("mkfs.ext4", options, { stdio: ["ignore", "ignore", "pipe"] });
  if (result.error || result.status !== 0) {
    throw new TsnsError(
      "unavailable",
      "mkfs-failed",
      `cannot make a file system in ${path}: ${result.error ? "mkfs.ext4 is missing" : String(result.stderr).trim()}`,
      {
        hint: "install e2fsprogs, or put the data root on a file system other than /",
      },
    );
  }
}
