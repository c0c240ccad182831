// `process.scheduler`, `ioPriority` and `execCPUAffinity` (runtime-spec 1.2, config.md, Linux Process): what sched_setattr(2), ioprio_set(2) and
// sched_setaffinity(2) would refuse is a problem here.
import { count, filled, given, isObjectNode, items, member, type Node, needed, problem, quote, unsigned64, word } from "../node.ts";
import type { RuntimeProcess, RuntimeScheduler } from "../type.ts";

const policies = ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"] as const;

const flags = [
  "SCHED_FLAG_RESET_ON_FORK",
  "SCHED_FLAG_RECLAIM",
  "SCHED_FLAG_DL_OVERRUN",
  "SCHED_FLAG_KEEP_POLICY",
  "SCHED_FLAG_KEEP_PARAMS",
  "SCHED_FLAG_UTIL_CLAMP_MIN",
  "SCHED_FLAG_UTIL_CLAMP_MAX",
] as const;

const isRealTime = (policy: string): boolean => policy === "SCHED_FIFO" || policy === "SCHED_RR";

function judge(node: Node, { policy, priority, runtime, deadline, period }: RuntimeScheduler): void {
  if (policy === "SCHED_ISO") problem(member(node, "policy"), "SCHED_ISO is reserved, no Linux kernel has it");
  if (!isRealTime(policy) && priority !== 0) problem(member(node, "priority"), `${policy} has none, SCHED_FIFO and SCHED_RR have`);
  if (isRealTime(policy) && priority === 0) problem(member(node, "priority"), `${policy} needs one from 1 to 99`);
  if (policy !== "SCHED_DEADLINE" && (runtime || deadline || period))
    problem(node, `runtime, deadline and period are for SCHED_DEADLINE, not for ${policy}`);
}

export function parseScheduler(node: Node): RuntimeScheduler | undefined {
  if (!isObjectNode(node)) return undefined;
  const policy = needed(member(node, "policy"), (each) => word(each, policies));
  if (policy === undefined) return undefined;
  const scheduler: RuntimeScheduler = {
    policy,
    nice: count(member(node, "nice"), -20, 19) ?? 0,
    priority: count(member(node, "priority"), 0, 99) ?? 0,
    flags: items(member(node, "flags")).flatMap((each) => needed(each, (own) => word(own, flags)) ?? []),
    runtime: unsigned64(member(node, "runtime")) ?? 0n,
    deadline: unsigned64(member(node, "deadline")) ?? 0n,
    period: unsigned64(member(node, "period")) ?? 0n,
  };
  judge(node, scheduler);
  return scheduler;
}

export function parseIoPriority(node: Node): RuntimeProcess["ioPriority"] {
  if (!isObjectNode(node)) return undefined;
  const kind = needed(member(node, "class"), (each) => word(each, ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]));
  const priority = count(member(node, "priority"), 0, 7) ?? 0;
  return kind && { class: kind, priority };
}

/** The most processors a Linux kernel can be built for (x86, CONFIG_NR_CPUS). */
const mostProcessors = 8192;

function processors(node: Node): string | undefined {
  const list = filled(node)?.replaceAll(" ", "");
  if (!list) return undefined;
  const isRight = list.split(",").every((part) => {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    return first !== undefined && Number(first) <= Number(last) && Number(last) < mostProcessors;
  });
  if (!isRight) problem(node, `${quote(list)} is no list of processors such as 0-3,7`);
  return list;
}

export function parseAffinity(node: Node): RuntimeProcess["execCpuAffinity"] {
  if (!isObjectNode(node)) return undefined;
  return given({ initial: processors(member(node, "initial")), final: processors(member(node, "final")) });
}
