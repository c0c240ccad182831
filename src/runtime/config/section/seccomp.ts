// `linux.seccomp` (runtime-spec 1.2, config-linux.md, Seccomp) to the profile that src/container/seccomp compiles. Names of calls that this kernel
// does not have are none of a problem: profiles are written for several.
import { architectureNames, auditNumber, type CallArchitecture } from "../../../container/seccomp/architecture.ts";
import { always, type SeccompArgument, type SeccompRule } from "../../../container/seccomp/profile.ts";
import {
  hasErrno,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  type SeccompAction,
  seccompActions,
  seccompFlags,
  seccompOperators,
} from "../../../container/seccomp/word.ts";
import { count, filled, given, isObjectNode, items, member, type Node, needed, neededTexts, problem, unsigned64, word } from "../node.ts";
import type { RuntimeSeccomp } from "../type.ts";

/** MAX_ERRNO of the kernel, which takes more for this. */
const mostErrno = 4095;

const actionOf = (node: Node): SeccompAction | undefined => needed(node, (each) => word(each, seccompActions));

function errnoOf(node: Node, action: SeccompAction | undefined): number | undefined {
  const found = count(node, 0, 0xffff);
  if (found === undefined || action === undefined) return undefined;
  if (!hasErrno(action)) problem(node, `${action} answers with no number`);
  return action === "SCMP_ACT_ERRNO" ? Math.min(found, mostErrno) : found;
}

function argumentOf(node: Node): SeccompArgument | undefined {
  if (!isObjectNode(node)) return undefined;
  const index = needed(member(node, "index"), (each) => count(each, 0, 5));
  const value = needed(member(node, "value"), unsigned64);
  const valueTwo = unsigned64(member(node, "valueTwo")) ?? 0n;
  const op = needed(member(node, "op"), (each) => word(each, seccompOperators));
  return index === undefined || value === undefined || op === undefined ? undefined : { index, op, value, valueTwo };
}

function ruleOf(node: Node): SeccompRule | undefined {
  if (!isObjectNode(node)) return undefined;
  const names = neededTexts(member(node, "names"));
  if (names.includes("")) problem(member(node, "names"), "has an empty name");
  const action = actionOf(member(node, "action"));
  const errnoRet = errnoOf(member(node, "errnoRet"), action);
  const args = items(member(node, "args")).flatMap((each) => argumentOf(each) ?? []);
  // A call that is asked about waits for the answer: the runtime writes while nobody can answer yet.
  if (action === "SCMP_ACT_NOTIFY" && names.includes("write")) problem(node, "SCMP_ACT_NOTIFY cannot be used for the write syscall");
  return action && given({ names, action, errnoRet, args, includes: always, excludes: always });
}

/** Those of machines that nothing of tsns runs on are known and mean nothing here. */
function architecturesOf(node: Node): CallArchitecture[] {
  const isOwn = (name: string): name is CallArchitecture => Object.hasOwn(auditNumber, name);
  return items(node).flatMap((each) => {
    const name = needed(each, (own) => word(own, [...architectureNames]));
    return name !== undefined && isOwn(name) ? [name] : [];
  });
}

const flagNumbers: Readonly<Record<string, number>> = {
  ...seccompFlags,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

export const seccompFlagNames: readonly string[] = Object.keys(flagNumbers);

/** What is for an agent alone is left out where there is none: the kernel would refuse it. */
function flagsOf(node: Node, notifies: boolean): number {
  const names = items(node).flatMap((each) => needed(each, (own) => word(own, seccompFlagNames)) ?? []);
  const flags = names.reduce((sum, name) => sum | (flagNumbers[name] ?? 0), 0);
  return notifies ? flags : flags & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}

/** The socket that is told of the filter; only one that asks needs it. */
function listenerOf(node: Node, notifies: boolean): Pick<RuntimeSeccomp, "listenerPath" | "listenerMetadata"> {
  const listenerPath = filled(member(node, "listenerPath"));
  const listenerMetadata = filled(member(node, "listenerMetadata"));
  if (listenerMetadata !== undefined && listenerPath === undefined) problem(member(node, "listenerMetadata"), "needs listenerPath");
  if (notifies && listenerPath === undefined) problem(member(node, "listenerPath"), "is missing, and SCMP_ACT_NOTIFY needs it");
  return { ...(notifies && listenerPath !== undefined ? { listenerPath } : {}), listenerMetadata: listenerMetadata ?? "" };
}

export function parseSeccompSection(node: Node): RuntimeSeccomp | undefined {
  if (!isObjectNode(node)) return undefined;
  const defaultAction = actionOf(member(node, "defaultAction"));
  if (defaultAction === "SCMP_ACT_NOTIFY") problem(member(node, "defaultAction"), "SCMP_ACT_NOTIFY is possible for single calls only");
  const defaultErrnoRet = errnoOf(member(node, "defaultErrnoRet"), defaultAction);
  const rules = items(member(node, "syscalls")).flatMap((each) => ruleOf(each) ?? []);
  const notifies = rules.some(({ action }) => action === "SCMP_ACT_NOTIFY");
  const architectures = architecturesOf(member(node, "architectures"));
  const flags = flagsOf(member(node, "flags"), notifies);
  const listener = listenerOf(node, notifies);
  return defaultAction && { profile: given({ defaultAction, defaultErrnoRet, architectures, flags, rules }), ...listener };
}
