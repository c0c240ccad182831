// Limits of processes (setrlimit(2)) in docker's words. Pure; what this host allows is looked at in src/engine/container/host-limit.ts.
import { TsnsError } from "../base/error.ts";
import type { RlimitSpec } from "./spec/isolation.ts";

/** Number of each resource, include/uapi/asm-generic/resource.h, and its line in /proc/PID/limits. `as` is none of docker's. */
export const rlimitNumbers: Readonly<Record<string, number>> = {
  core: 4,
  cpu: 0,
  data: 2,
  fsize: 1,
  locks: 10,
  memlock: 8,
  msgqueue: 12,
  nice: 13,
  nofile: 7,
  nproc: 6,
  rss: 5,
  rtprio: 14,
  rttime: 15,
  sigpending: 11,
  stack: 3,
};

/** Lines of /proc/PID/limits (proc_pid_limits(5)). */
export const rlimitTitles: Readonly<Record<string, string>> = {
  core: "Max core file size",
  cpu: "Max cpu time",
  data: "Max data size",
  fsize: "Max file size",
  locks: "Max file locks",
  memlock: "Max locked memory",
  msgqueue: "Max msgqueue size",
  nice: "Max nice priority",
  nofile: "Max open files",
  nproc: "Max processes",
  rss: "Max resident set",
  rtprio: "Max realtime priority",
  rttime: "Max realtime timeout",
  sigpending: "Max pending signals",
  stack: "Max stack size",
};

function bad(message: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-ulimit", message, { hint });
}

/** docker's --ulimit "nofile=1024:2048"; one number is both limits, -1 is none. Throws TsnsError invalid in docker's words. */
export function parseRlimit(text: string): RlimitSpec {
  const hint = "write --ulimit NAME=SOFT[:HARD], such as nofile=1024:2048; -1 is no limit";
  const at = text.indexOf("=");
  if (at < 1) throw bad(`invalid ulimit argument: ${text}`, hint);
  const name = text.slice(0, at);
  if (!Object.hasOwn(rlimitNumbers, name)) throw bad(`invalid ulimit type: ${name}`, `use one of ${Object.keys(rlimitNumbers).join(", ")}`);
  const [first = "", second, ...more] = text.slice(at + 1).split(":");
  if (more.length > 0) throw bad(`too many limit value arguments - ${text.slice(at + 1)}, can only have up to two, \`soft[:hard]\``, hint);
  const number = (word: string): number => {
    const value = /^-?\d+$/.test(word) ? Number(word) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= -1) return value;
    throw bad(`invalid ulimit argument: ${text}`, hint);
  };
  const soft = number(first);
  const hard = second === undefined ? soft : number(second);
  if (hard !== -1 && (soft === -1 || soft > hard))
    throw bad(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`, "give the smaller number first");
  return { name, soft, hard };
}

/** Of two limits of a name the later one holds, as in docker. */
export function joinRlimits(limits: readonly RlimitSpec[]): readonly RlimitSpec[] {
  return [...new Map(limits.map((limit) => [limit.name, limit])).values()];
}

/** As setrlimit(2) takes it: RLIM_INFINITY is all ones. */
export const renderRlimit = (value: number): string => (value < 0 ? "18446744073709551615" : `${value}`);

/** The hard limits /proc/PID/limits tells; -1 is none. */
export function parseHardLimits(text: string): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const [name, title] of Object.entries(rlimitTitles)) {
    const line = text.split("\n").find((one) => one.startsWith(`${title} `));
    const hard = line?.slice(title.length).trim().split(/\s+/)[1];
    if (hard !== undefined) limits.set(name, hard === "unlimited" ? -1 : Number(hard));
  }
  return limits;
}
