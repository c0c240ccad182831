// `process` (runtime-spec 1.2, config.md, Process): of config.json, and the document that `exec -p` reads.
import {
  count,
  filled,
  flag,
  given,
  isObjectNode,
  items,
  member,
  type Node,
  needed,
  neededPath,
  neededTexts,
  problem,
  quote,
  text,
  U32,
  unsigned32,
} from "../node.ts";
import type { RuntimeProcess, RuntimeUser } from "../type.ts";
import { parseCapabilities } from "./capability.ts";
import { parseRlimits } from "./rlimit.ts";
import { parseAffinity, parseIoPriority, parseScheduler } from "./schedule.ts";

/** All ones means "leave it" to setresuid(2). */
const userId = (node: Node): number | undefined => count(node, 0, U32 - 1);

/** Who writes no user means root, as every runtime takes it. */
function userOf(node: Node): RuntimeUser {
  isObjectNode(node);
  const umask = unsigned32(member(node, "umask"));
  return given({
    uid: userId(member(node, "uid")) ?? 0,
    gid: userId(member(node, "gid")) ?? 0,
    // umask(2) looks at these bits alone.
    umask: umask === undefined ? undefined : umask & 0o777,
    additionalGids: items(member(node, "additionalGids")).flatMap((each) => needed(each, userId) ?? []),
  });
}

/** struct winsize has 16 bits for each; without a terminal it is not even looked at. */
function sizeOf(node: Node, terminal: boolean): RuntimeProcess["consoleSize"] {
  if (!terminal || !isObjectNode(node)) return undefined;
  const side = (name: string) => needed(member(node, name), (each) => count(each, 0, 0xffff)) ?? 0;
  return { height: side("height"), width: side("width") };
}

function environment(node: Node): string[] {
  return items(node).flatMap((each) => {
    const entry = needed(each, text);
    if (entry !== undefined && entry.indexOf("=") < 1) problem(each, `${quote(entry)} is not NAME=VALUE`);
    return entry ?? [];
  });
}

/** `boundingSet`: capabilities that can be had here; absent: all. */
export function parseProcess(node: Node, boundingSet?: bigint): RuntimeProcess {
  const terminal = flag(member(node, "terminal")) ?? false;
  const user = userOf(member(node, "user"));
  return given({
    terminal,
    consoleSize: sizeOf(member(node, "consoleSize"), terminal),
    user,
    args: neededTexts(member(node, "args")),
    env: environment(member(node, "env")),
    cwd: neededPath(member(node, "cwd")) ?? "/",
    capabilities: parseCapabilities(member(node, "capabilities"), user.uid, boundingSet),
    noNewPrivileges: flag(member(node, "noNewPrivileges")) ?? false,
    oomScoreAdj: count(member(node, "oomScoreAdj"), -1000, 1000),
    rlimits: parseRlimits(member(node, "rlimits")),
    scheduler: parseScheduler(member(node, "scheduler")),
    ioPriority: parseIoPriority(member(node, "ioPriority")),
    apparmorProfile: filled(member(node, "apparmorProfile")),
    selinuxLabel: filled(member(node, "selinuxLabel")),
    execCpuAffinity: parseAffinity(member(node, "execCPUAffinity")),
  });
}
