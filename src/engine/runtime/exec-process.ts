// The process of an `exec`: what process.json says, or the container's own with what the options change. Pure.
import { TsnsError } from "../../base/error.ts";
import type { RuntimeCapabilities, RuntimeProcess } from "../../runtime/config/type.ts";
import { noCapabilities } from "../../runtime/plan/process.ts";

export interface ProcessChange {
  readonly args: readonly string[];
  readonly cwd?: string;
  /** KEY=VALUE, added. */
  readonly env: readonly string[];
  readonly terminal: boolean;
  /** UID or UID:GID. */
  readonly user?: string;
  readonly additionalGids: readonly string[];
  /** CAP_NAME, added to every set but inheritable, to ambient where that has it. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly apparmor?: string;
}

export interface ChangedProcess {
  readonly process: RuntimeProcess;
  readonly warnings: readonly string[];
}

/** What cannot be granted is told and left out, as of a configuration. Throws invalid with every problem. */
export function changedProcess(own: RuntimeProcess, change: ProcessChange, knownCapabilities: readonly string[]): ChangedProcess {
  const problems: string[] = [];
  const user = userOf(own, change, problems);
  if (change.cwd !== undefined && !change.cwd.startsWith("/")) problems.push(`--cwd ${change.cwd}: Cwd must be an absolute path`);
  for (const entry of change.env) if (!/^[^=]+=/s.test(entry)) problems.push(`--env ${entry}: write it as KEY=VALUE`);
  if (problems.length > 0) throw new TsnsError("invalid", "bad-options", problems.join("; "), { problems });
  const { capabilities, consoleSize, apparmorProfile, ...rest } = own;
  const profile = change.apparmor ?? apparmorProfile;
  const asked = change.capabilities.map((name) => name.toUpperCase());
  const isKnown = (name: string): boolean => knownCapabilities.includes(name);
  const process = {
    ...rest,
    ...(consoleSize && change.terminal ? { consoleSize } : {}),
    capabilities: addedTo(capabilities, asked.filter(isKnown)),
    ...(profile === undefined ? {} : { apparmorProfile: profile }),
    args: change.args,
    cwd: change.cwd ?? own.cwd,
    env: [...own.env, ...change.env],
    terminal: change.terminal,
    noNewPrivileges: own.noNewPrivileges || change.noNewPrivileges,
    user,
  };
  const unknown = asked.filter((name) => !isKnown(name));
  return { process, warnings: unknown.map((name) => `--cap ${name}: no capability of this kernel's, ignored; write one as CAP_NET_ADMIN`) };
}

const largest = 2 ** 32 - 2;

function idOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= largest ? Number(text) : undefined;
}

function userOf({ user }: RuntimeProcess, { user: wanted, additionalGids }: ProcessChange, problems: string[]): RuntimeProcess["user"] {
  const groups = additionalGids.map(idOf);
  for (const [at, gid] of groups.entries()) if (gid === undefined) problems.push(`--additional-gids ${additionalGids[at]}: write a number`);
  const added = { additionalGids: [...user.additionalGids, ...groups.flatMap((gid) => gid ?? [])] };
  if (wanted === undefined) return { ...user, ...added };
  const [uidText = "", gidText, ...more] = wanted.split(":");
  const uid = idOf(uidText);
  const gid = gidText === undefined ? user.gid : idOf(gidText);
  if (uid === undefined || gid === undefined || more.length > 0) {
    problems.push(`--user ${wanted}: write UID or UID:GID, in numbers`);
    return user;
  }
  return { ...user, ...added, uid, gid };
}

function addedTo(sets: RuntimeCapabilities = noCapabilities, names: readonly string[]): RuntimeCapabilities {
  const add = (set: readonly string[], more = names) => [...new Set([...set, ...more])];
  return {
    bounding: add(sets.bounding),
    effective: add(sets.effective),
    permitted: add(sets.permitted),
    inheritable: sets.inheritable,
    // Nothing is ambient without being inheritable (capabilities(7)).
    ambient: add(
      sets.ambient,
      names.filter((name) => sets.inheritable.includes(name)),
    ),
  };
}
