// Who a process of a container is, from terminal to exec, as operations of the native helper. Pure.
import type { Operation } from "../plan/operation.ts";
import { capabilityMask } from "./capability.ts";
import type { OciConfig } from "./oci/type.ts";
import { renderRlimit, rlimitNumbers } from "./rlimit.ts";
import type { SeccompFilter } from "./seccomp/filter.ts";

/** What the kernel is told to refuse the processes of a container, beyond their capabilities. */
export interface Confinement {
  readonly seccomp: SeccompFilter | undefined;
  /** The filter is of a profile of the user's own, which may refuse what the helper does at the end of its work. */
  readonly ownProfile?: boolean;
  /** Name of an AppArmor profile; undefined: that of the process that starts the container. */
  readonly apparmor: string | undefined;
}

/** The end of the plan of a start: process 1. */
export function processOperations(config: OciConfig, init: boolean, confinement: Confinement): Operation[] {
  const { process } = config;
  const size = process.consoleSize ?? { height: 0, width: 0 };
  return [
    ...(process.terminal ? [["pty", `${size.height}`, `${size.width}`] satisfies Operation] : []),
    // Without a name: one with a name would be joined if another container had opened its own of that name to all (keyctl(2)).
    ["keyring", ""],
    ...(process.oomScoreAdj === undefined ? [] : [["oom-score-adj", `${process.oomScoreAdj}`] satisfies Operation]),
    ...credentialOperations(process, { init, makeDirectory: true, confinement }),
  ];
}

/** As late as can be: what the helper itself does should not meet the limits. */
function rlimitOperations({ rlimits = [] }: OciConfig["process"]): Operation[] {
  return rlimits.map(({ type, soft, hard }): Operation => {
    const number = rlimitNumbers[type.replace(/^RLIMIT_/, "").toLowerCase()];
    return ["rlimit", `${number}`, renderRlimit(soft), renderRlimit(hard)];
  });
}

/** The end of a plan: `makeDirectory` makes a missing working directory, as the start of a container does and exec does not. */
export interface CredentialChoice {
  readonly init: boolean;
  readonly makeDirectory: boolean;
  readonly confinement: Confinement;
}

/**
 * Without no_new_privs only CAP_SYS_ADMIN may set a filter (seccomp(2)), which `become` takes away, or holds until one that comes last; with it
 * anybody may.
 */
function credentialEnd({ noNewPrivileges }: OciConfig["process"], { init, confinement }: CredentialChoice): Operation[] {
  const { seccomp: filter, ownProfile } = confinement;
  const stay: Operation[] = init ? [["init"]] : [];
  const seccomp: Operation[] = filter ? [["seccomp", filter.hex, `${filter.flags}`, ...(ownProfile ? ["last"] : [])]] : [];
  if (noNewPrivileges) return [["become"], ["no-new-privs"], ...stay, ...seccomp];
  if (filter && ownProfile) return [["become", "hold"], ...stay, ...seccomp];
  return [...seccomp, ["become"], ...stay];
}

/** Environment, user, directory, capabilities and the command: the end of `run` and of `exec` alike. */
export function credentialOperations(process: OciConfig["process"], choice: CredentialChoice): Operation[] {
  const mask = (names: readonly string[]) => capabilityMask(names.map((name) => name.replace(/^CAP_/, ""))).toString(16);
  const { bounding, effective, permitted, inheritable, ambient } = process.capabilities;
  return [
    ...process.env.map((entry): Operation => ["env", entry]),
    ["caps", mask(bounding), mask(effective), mask(permitted), mask(inheritable), mask(ambient)],
    ["user", process.user.username || "0", process.user.additionalGroups.join(",")],
    ["chdir", process.cwd, choice.makeDirectory ? "1" : "0"],
    ["umask", "0022"],
    ...(choice.confinement.apparmor === undefined ? [] : [["apparmor", choice.confinement.apparmor] satisfies Operation]),
    ...rlimitOperations(process),
    ...credentialEnd(process, choice),
    ["exec", process.args[0] ?? "", ...process.args.slice(1)],
  ];
}
