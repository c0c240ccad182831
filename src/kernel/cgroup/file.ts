// Makes cgroup directories and writes their files. Knows no limit and no controller.
import { closeSync, constants, mkdirSync, openSync, readFileSync, rmdirSync, writeSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO";
}

const makeHints: Readonly<Record<string, string>> = {
  EACCES: "only root may make and change cgroups: run tsns as root",
  EPERM: "only root may make and change cgroups: run tsns as root",
  EROFS: "the cgroup file system is mounted read-only: is this itself a container?",
  EAGAIN: "the limit of cgroups (cgroup.max.descendants) is reached",
};

function failure(syscall: string, path: string, error: unknown, message?: string): KernelError {
  const errno = errnoOf(error);
  const hint = makeHints[errno];
  return new KernelError(syscall, errno, path, { cause: error, ...(hint ? { hint } : {}), ...(message ? { message } : {}) });
}

/**
 * Creates a cgroup directory. An empty one left by an earlier run is replaced, so that none of its limits survive;
 * one with processes in it is a conflict. Throws KernelError.
 */
export function createCgroup(path: string): void {
  try {
    mkdirSync(path);
    return;
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw failure("mkdir", path, error);
  }
  try {
    rmdirSync(path);
    mkdirSync(path);
  } catch (error) {
    throw failure("mkdir", path, error, `cgroup ${path} exists and is in use`);
  }
}

/** What a refusal of one kind of file means: the first whose name fits. */
const writeHints: readonly { readonly file: RegExp; readonly errno: RegExp; readonly hint: string }[] = [
  {
    file: /^cgroup\.subtree_control$/,
    errno: /^EBUSY$/,
    hint: "processes live in this group itself; a group that hands controllers down may have none (cgroups(7), no internal processes)",
  },
  {
    // cgroup-v1/memory.rst 4.1: what cannot be reclaimed stays charged.
    file: /^memory\..*limit_in_bytes$/,
    errno: /^EBUSY$/,
    hint: "more than that is in use and cannot be freed: give a higher limit, or end processes first (tsns cgroup show)",
  },
  {
    file: /^cpuset\.(cpus|mems)$/,
    errno: /^EBUSY$/,
    hint: "a group below it uses one that would be taken away: change that group first (tsns cgroup tree)",
  },
  {
    file: /^cpuset\.(cpus|mems)$/,
    errno: /^(EACCES|EPERM)$/,
    hint: "only root may change it, and only to what the group above has (tsns cgroup get)",
  },
  {
    file: /^cpuset\.(cpus|mems)$/,
    errno: /^(EINVAL|ERANGE)$/,
    hint: "no such CPU or memory node here, or none left for the processes in it: see what there is with lscpu",
  },
  {
    // sched-rt-group.rst: the sum of all groups below one is at most that group's own share.
    file: /^cpu\.rt_(runtime|period)_us$/,
    errno: /^(EINVAL|EBUSY)$/,
    hint: "all groups below one have together at most its cpu.rt_runtime_us per cpu.rt_period_us: give less, or the group above more",
  },
  {
    file: /^(blkio|io)\./,
    errno: /^ENODEV$/,
    hint: "the kernel limits whole disks only: see lsblk",
  },
  { file: /./, errno: /^(EINVAL|ERANGE)$/, hint: "the kernel does not take this value" },
  {
    file: /./,
    errno: /^ENOENT$/,
    hint: "this kernel's controller has no such file, or the group has gone: see what is there (tsns cgroup get)",
  },
];

function refusal(path: string, value: string, error: unknown): KernelError {
  const errno = errnoOf(error);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const hint = writeHints.find((one) => one.file.test(name) && one.errno.test(errno))?.hint ?? makeHints[errno];
  return new KernelError("write", errno, path, {
    cause: error,
    message: `cannot write ${JSON.stringify(value)} to ${path}: ${errno}`,
    ...(hint ? { hint } : {}),
  });
}

/**
 * Writes a cgroup file. Each line of `value` is one write(2) on the same descriptor: cgroup files take one record per
 * write and ignore the rest. Throws KernelError naming file and value.
 */
export function writeCgroupFile(path: string, value: string): void {
  let descriptor: number | undefined;
  let record = value;
  try {
    // With O_CREAT a file that the kernel does not have would be EACCES.
    descriptor = openSync(path, constants.O_WRONLY);
    for (record of value.split("\n")) writeSync(descriptor, record);
  } catch (error) {
    throw refusal(path, record, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Text of a cgroup file, or undefined when the file, its directory or its controller is not there (any more). */
export function readCgroupFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV", "EOPNOTSUPP")) return undefined;
    throw failure("read", path, error);
  }
}
