// What this host lets nobody raise: limits of processes and OOM scores, looked at before a container starts, so that none runs without the limit
// it was given.
import { readFileSync, writeFileSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { capabilityMask } from "../../container/capability.ts";
import { parseHardLimits } from "../../container/rlimit.ts";
import type { IsolationSettings } from "../../container/spec/isolation.ts";
import { readEffectiveCapabilities } from "./host-fact.ts";

/** Throws TsnsError with every limit that cannot be had. */
export function refuseUnreachable({ rlimits = [], oomScoreAdj, userNamespace }: IsolationSettings): void {
  if (rlimits.length === 0 && oomScoreAdj === undefined) return;
  const may = (readEffectiveCapabilities() & capabilityMask(["SYS_RESOURCE"])) !== 0n;
  // rights of a user namespace are none over these (capable() of the first user namespace is asked)
  const mayRaise = may && userNamespace === undefined;
  const why = may ? "nobody in a user namespace of its own may" : "without CAP_SYS_RESOURCE nobody may";
  const problems = [
    ...rlimitProblems(rlimits, mayRaise, why),
    ...(oomScoreAdj === undefined || mayRaise ? [] : scoreProblems(oomScoreAdj, why)),
  ];
  if (problems.length === 0) return;
  throw new TsnsError("denied", "limit-unreachable", problems.join("\n"), {
    hint:
      rlimits.length > 0
        ? "give what the host allows (ulimit -Ha), or raise it where tsns is started from"
        : "give a score that is not lower",
    exitCode: 125,
    ...(problems.length > 1 ? { problems } : {}),
  });
}

function rlimitProblems(rlimits: NonNullable<IsolationSettings["rlimits"]>, mayRaise: boolean, why: string): string[] {
  const hard = parseHardLimits(readFileSync("/proc/self/limits", "utf8"));
  // setrlimit(2): nobody passes fs.nr_open
  const mostFiles = Number(readFileSync("/proc/sys/fs/nr_open", "utf8"));
  return rlimits.flatMap((limit) => {
    const wanted = limit.hard < 0 ? Number.POSITIVE_INFINITY : limit.hard;
    const now = hard.get(limit.name) ?? -1;
    const option = `--ulimit ${limit.name}=${limit.soft}:${limit.hard}`;
    if (limit.name === "nofile" && wanted > mostFiles) return [`${option}: the kernel allows at most ${mostFiles} (fs.nr_open)`];
    if (mayRaise || now < 0 || wanted <= now) return [];
    return [`${option}: the hard limit here is ${now}, and ${why} raise it`];
  });
}

/** The lowest score a process may go to is told by no file (proc_pid_oom_score_adj(5)): it is tried, and taken back. */
function scoreProblems(score: number, why: string): string[] {
  const file = "/proc/self/oom_score_adj";
  const now = Number(readFileSync(file, "latin1"));
  if (score >= now) return [];
  try {
    writeFileSync(file, `${score}`);
    writeFileSync(file, `${now}`);
    return [];
  } catch {
    return [`--oom-score-adj ${score}: it is ${now} here, and ${why} lower it`];
  }
}
