// Which memory limit a container's processes were killed for: its own, one of a group above, or the host's. Pure.
import { formatBytes } from "../../base/unit.ts";
import { parseFlat, parseNumber, readOomKills } from "../../cgroup/usage.ts";
import type { DeathRecord, GroupEvidence } from "../death.ts";
import { type Claim, claim } from "./claim.ts";

/** The words of the kernel's line on an OOM kill (mm/oom_kill.c, since Linux 5.0). */
interface OomLine {
  readonly constraint: string;
  readonly limitGroup?: string;
  readonly taskGroup?: string;
  readonly task: string;
  readonly text: string;
}

function parseOomLine(text: string): OomLine | undefined {
  const fields = new Map(
    (/oom-kill:(.*)$/.exec(text)?.[1] ?? "").split(",").map((word) => {
      const at = word.indexOf("=");
      return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
    }),
  );
  const constraint = fields.get("constraint");
  if (constraint === undefined) return undefined;
  const limitGroup = fields.get("oom_memcg");
  const taskGroup = fields.get("task_memcg");
  return {
    constraint,
    task: fields.get("task") ?? "",
    text,
    ...(limitGroup === undefined ? {} : { limitGroup }),
    ...(taskGroup === undefined ? {} : { taskGroup }),
  };
}

/** Claims about OOM kills in the container's group; none where it counted none. */
export function memoryClaims(name: string, { exit, group, kernelLines }: DeathRecord): Claim[] {
  const kills = group ? readOomKills(group.texts.memoryEvents ?? "", group.version) : 0;
  if (!exit.oomKilled && kills === 0) return [];
  const lines = kernelLines.flatMap((line) => parseOomLine(line) ?? []);
  const line = lines.at(-1);
  const isEnd = exit.signal === 9 || exit.exitCode === 137;
  const what = isEnd ? "the kernel's OOM killer ended it" : "the kernel's OOM killer killed a process in it";
  const evidence = [`the group counted ${Math.max(kills, 1)} OOM ${kills > 1 ? "kills" : "kill"}`, ...lines.map(({ text }) => text)];
  if (line) return [byLine(name, what, evidence, line, group)];
  return [byCounters(name, what, evidence, group)];
}

function byLine(name: string, what: string, evidence: readonly string[], line: OomLine, group: GroupEvidence | undefined): Claim {
  if (line.constraint !== "CONSTRAINT_MEMCG") {
    return claim("proved", "host-memory", `${what} because the host was out of memory`, evidence, hostRemedy);
  }
  const own = line.limitGroup === undefined || line.limitGroup === line.taskGroup;
  if (own) return ownLimit("proved", name, what, evidence, group);
  const parent = `${line.limitGroup}`;
  return claim(
    "proved",
    "parent-memory-limit",
    `${what} because the group above it, ${parent}, reached its memory limit`,
    evidence,
    parentRemedy,
  );
}

const hostRemedy = "give containers on this host --memory limits whose sum fits, or add memory; --memory-reservation protects none of them";
const parentRemedy = "raise that group's limit (tsns cgroup set), or start the container in another --cgroup-parent";

function byCounters(name: string, what: string, evidence: readonly string[], group: GroupEvidence | undefined): Claim {
  const failures = limitFailures(group);
  const limit = limitOf(group);
  if (failures > 0 && limit !== undefined)
    return ownLimit("proved", name, what, [...evidence, `its own limit was reached ${failures} times`], group);
  const parent = group?.parents.find((one) => one.failures > 0);
  if (parent) {
    const more = `${parent.path}: limit ${formatBytes(parent.limitBytes)}, reached ${parent.failures} times`;
    return claim(
      "likely",
      "parent-memory-limit",
      `${what} because a group above it reached its memory limit`,
      [...evidence, more],
      parentRemedy,
    );
  }
  if (!group) return claim("unknown", "memory", `${what}; for whose limit was not kept`, evidence, ownRemedy(name, limit));
  return claim(
    "likely",
    "host-memory",
    `${what}; neither its own limit nor one above was reached, so the host was short of memory`,
    evidence,
    hostRemedy,
  );
}

function ownLimit(grade: Claim["grade"], name: string, what: string, evidence: readonly string[], group: GroupEvidence | undefined): Claim {
  const limit = limitOf(group);
  const peak = parseNumber(group?.texts.memoryPeak);
  const text = `${what}: its own memory limit${limit === undefined ? "" : ` of ${formatBytes(limit)}`} was reached`;
  return claim(
    grade,
    "own-memory-limit",
    text,
    [...evidence, ...(peak === undefined ? [] : [`most memory it ever had: ${formatBytes(peak)}`])],
    ownRemedy(name, limit),
  );
}

function ownRemedy(name: string, limit: number | undefined): string {
  const doubled = limit === undefined ? "MORE" : `${Math.ceil((limit * 2) / 1024 ** 2)}m`;
  return `give it more, tsns update --memory ${doubled} --memory-swap -1 ${name}, or let it use less; tsns why --slow shows what its memory is`;
}

/** Times the group's own limit was reached. */
export function limitFailures(group: GroupEvidence | undefined): number {
  if (!group) return 0;
  if (group.version === "v1") return parseNumber(group.texts.memoryFailures) ?? 0;
  return parseFlat(group.texts.memoryEvents ?? "").get("max") ?? 0;
}

/** Bytes; undefined for none. v1 shows no limit as the greatest multiple of a page. */
export function limitOf(group: GroupEvidence | undefined): number | undefined {
  const limit = parseNumber(group?.texts.memoryLimit);
  return limit === undefined || !Number.isFinite(limit) || limit >= 2 ** 62 ? undefined : limit;
}
