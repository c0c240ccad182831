// The words that profiles are written in: actions, comparisons, flags. Values only; profile.ts says what they mean together.

/** SECCOMP_RET_* of linux/seccomp.h, without data. */
export const actionNumbers = {
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_LOG: 0x7ffc0000,
  /** Asks a program that has the filter's descriptor. */
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_TRAP: 0x00030000,
} as const;

export type SeccompAction = keyof typeof actionNumbers;
export const seccompActions = Object.keys(actionNumbers) as readonly SeccompAction[];

/** Those that answer with a number of the profile's. */
export const hasErrno = (action: SeccompAction): boolean => action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";

export const seccompOperators = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
] as const;
export type SeccompOperator = (typeof seccompOperators)[number];

/** Flags of seccomp(2). TSYNC is for processes with threads, of which there are none when the filter is set. */
export const seccompFlags: Readonly<Record<string, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 0,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
};

/** Linux 5.19; only with a listener. */
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
