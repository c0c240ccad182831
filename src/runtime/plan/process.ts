// Who the process of a container is, up to its program: of `create` and of `exec` alike (runtime-spec 1.2, config.md, Process). Pure.
import { capabilityMask } from "../../container/capability.ts";
import { rlimitNumbers } from "../../container/rlimit.ts";
import type { Operation } from "../../plan/operation.ts";
import type { RuntimeCapabilities, RuntimeConfig, RuntimeProcess, RuntimeScheduler } from "../config/type.ts";

export interface ProcessChoice {
  /** Between the last look at what may fail and the program: the gate. */
  readonly before: readonly Operation[];
  /** Behind that; they are held as fast as the process: by no_new_privs and the filter. */
  readonly hooks: readonly Operation[];
  readonly keepsKeyring: boolean;
  /** A missing working directory is made, as `create` does and `exec` does not. */
  readonly makesDirectory: boolean;
  /**
   * The filter, and what it needs: it comes last, and need not let through what comes before. One that asks somebody asks before the gate where
   * no_new_privs is not set.
   */
  readonly seccomp: readonly Operation[];
}

/** Without no_new_privs only CAP_SYS_ADMIN may set a filter (seccomp(2)): `become` leaves it until then. */
function credentialEnd({ noNewPrivileges }: RuntimeProcess, { seccomp, before, hooks }: ProcessChoice, find: Operation): Operation[] {
  const asks = seccomp.some(([name]) => name === "seccomp-notify");
  const end = asks ? [...seccomp, ...hooks] : [...filterOfHooks(hooks, seccomp), ...hooks, ...seccomp];
  if (noNewPrivileges) return [["become"], find, ...before, ["no-new-privs"], ...end];
  if (asks) return [...seccomp, ["become"], find, ...before, ...hooks];
  return [seccomp.length > 0 ? ["become", "hold"] : ["become"], find, ...before, ...end];
}

/** Each sets it for itself: it need not let through what runs them either. */
const filterOfHooks = (hooks: readonly Operation[], seccomp: readonly Operation[]): Operation[] =>
  hooks.length === 0 ? [] : seccomp.flatMap(([name, hex = "", flags = ""]) => (name === "seccomp" ? [["hook-filter", hex, flags]] : []));

export const defaultUmask = 0o022;

/** Values of linux/sched.h. */
const schedulerPolicies: Readonly<Record<RuntimeScheduler["policy"], number>> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};

export const schedulerFlags: Readonly<Record<string, number>> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

/** Who names none gets none, not those of the runtime. */
export const noCapabilities: RuntimeCapabilities = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };

/** linux/ioprio.h */
const ioClasses = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const;

/** sys/personality.h */
const personalityDomains = { LINUX: 0, LINUX32: 8 } as const;

/** RLIMIT_AS, which docker has no word for. */
const addressSpace = 9;

export function resourceNumber(type: string): number | undefined {
  const name = type.replace(/^RLIMIT_/, "").toLowerCase();
  return name === "as" ? addressSpace : Object.hasOwn(rlimitNumbers, name) ? rlimitNumbers[name] : undefined;
}

function capabilityOperations({ bounding, effective, permitted, inheritable, ambient }: RuntimeCapabilities = noCapabilities): Operation[] {
  const mask = (names: readonly string[]) => capabilityMask(names.map((name) => name.replace(/^CAP_/, ""))).toString(16);
  return [["caps", mask(bounding), mask(effective), mask(permitted), mask(inheritable), mask(ambient)]];
}

function scheduleOperations({ scheduler, ioPriority }: RuntimeProcess): Operation[] {
  const numbers = scheduler && [
    schedulerPolicies[scheduler.policy],
    scheduler.nice,
    scheduler.priority,
    scheduler.flags.reduce((sum, flag) => sum | (schedulerFlags[flag] ?? 0), 0),
    scheduler.runtime,
    scheduler.deadline,
    scheduler.period,
  ];
  return [
    ...(numbers ? [["scheduler", ...numbers.map(String)] satisfies Operation] : []),
    ...(ioPriority ? [["io-priority", `${ioClasses[ioPriority.class]}`, `${ioPriority.priority}`] satisfies Operation] : []),
  ];
}

/** By init of a new container; by the creator, whose children have it, for one that is entered: there its files are the host's root's (proc(5)). */
export const oomOperations = ({ oomScoreAdj }: Pick<RuntimeProcess, "oomScoreAdj">): Operation[] =>
  oomScoreAdj === undefined ? [] : [["oom-score-adj", `${oomScoreAdj}`]];

/** Of all processes of a container, not of the first one alone. */
export const personalityOperations = ({ personality }: Pick<RuntimeConfig["linux"], "personality">): Operation[] =>
  personality ? [["personality", `${personalityDomains[personality.domain]}`]] : [];

/** A process is bound to no processors that its configuration does not name: what its caller is bound to says nothing about it. */
export const allProcessors: Operation = ["cpu-affinity-all"];

export function runtimeProcessOperations(process: RuntimeProcess, choice: ProcessChoice): Operation[] {
  const { user, consoleSize = { height: 0, width: 0 }, args } = process;
  return [
    ...(process.terminal ? [["pty", `${consoleSize.height}`, `${consoleSize.width}`] satisfies Operation] : []),
    // Without a name: one with a name would be joined if another container had opened its own of that name to all (keyctl(2)).
    ...(choice.keepsKeyring ? [] : [["keyring", ""] satisfies Operation]),
    ...scheduleOperations(process),
    ...process.env.map((entry): Operation => ["env", entry]),
    ...capabilityOperations(process.capabilities),
    ["user", `${user.uid}:${user.gid}`, user.additionalGids.join(","), "exact"],
    ["chdir", process.cwd, choice.makesDirectory ? "1" : "0"],
    ["umask", (user.umask ?? defaultUmask).toString(8).padStart(4, "0")],
    ...(process.apparmorProfile ? [["apparmor", process.apparmorProfile] satisfies Operation] : []),
    ...process.rlimits.map(({ type, soft, hard }): Operation => ["rlimit", `${resourceNumber(type)}`, `${soft}`, `${hard}`]),
    ...credentialEnd(process, choice, ["find-exec", args[0] ?? ""]),
    ["exec", args[0] ?? "", ...args.slice(1)],
  ];
}
