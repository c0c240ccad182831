// Whether a container has a seccomp filter, and where it will hold. Small: every start and exec asks. Pure: host and capabilities come in.
import { TsnsError } from "../../base/error.ts";
import type { SecuritySettings } from "../spec/security.ts";
import { type HostArchitecture, hostArchitecture } from "./architecture.ts";
import type { SeccompPlace } from "./profile.ts";

export interface SeccompHost {
  /** process.arch of Node. */
  readonly arch: string;
  /** Release of the kernel, as uname(2) has it. */
  readonly release: string;
}

/** Privileged containers have a filter only if they ask for one, as docker's. */
export const isFiltered = ({ seccomp, privileged }: SecuritySettings): boolean =>
  seccomp !== "unconfined" && (seccomp !== undefined || !privileged);

/** Where the filter will hold. Throws TsnsError unsupported for an architecture whose calls tsns does not know. */
export function seccompPlace(host: SeccompHost, capabilities: readonly string[]): SeccompPlace {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(host.release) ?? [];
  return { host: knownHost(host), kernel: [Number(major ?? 0), Number(minor ?? 0)], capabilities };
}

/** Throws TsnsError unsupported. */
export function knownHost(host: SeccompHost): HostArchitecture {
  const known = hostArchitecture(host.arch);
  if (known) return known;
  throw new TsnsError("unsupported", "seccomp-architecture", `tsns has no list of the system calls of ${host.arch}`, {
    hint: "start the container with --security-opt seccomp=unconfined",
    exitCode: 125,
  });
}
