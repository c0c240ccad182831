// What a seccomp profile is, in docker's form (a superset of the OCI runtime specification's linux.seccomp). Values only.
import type { CallArchitecture } from "./architecture.ts";
import type { SeccompAction, SeccompOperator } from "./word.ts";

export type { SeccompAction, SeccompOperator } from "./word.ts";

/** A condition on one of the six arguments, compared as an unsigned number of 64 bits. */
export interface SeccompArgument {
  readonly index: number;
  readonly op: SeccompOperator;
  /** The number compared with; for MASKED_EQ the mask. */
  readonly value: bigint;
  /** What the masked argument must be. */
  readonly valueTwo: bigint;
}

/** When a rule counts: by the container's capabilities (CAP_NAME), the host's architecture (Go's name) and kernel. */
export interface SeccompFilterOn {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  readonly minKernel?: readonly [major: number, minor: number];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  /** All must hold. Two on the same argument are two rules, as libseccomp has it. */
  readonly args: readonly SeccompArgument[];
  readonly includes: SeccompFilterOn;
  readonly excludes: SeccompFilterOn;
}

export interface SeccompProfile {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  /** Architectures beside the host's own whose calls are let in; the calls of others end the process. */
  readonly architectures: readonly CallArchitecture[];
  /** SECCOMP_FILTER_FLAG_* of seccomp(2). */
  readonly flags: number;
  readonly rules: readonly SeccompRule[];
}

/** What the choice of rules depends on. */
export interface SeccompPlace {
  readonly host: "amd64" | "arm64";
  readonly kernel: readonly [major: number, minor: number];
  /** Bounding set of the container, names as CAP_NAME. */
  readonly capabilities: readonly string[];
}

/** No condition. */
export const always: SeccompFilterOn = { caps: [], arches: [] };

/** The rules that count in a place, as docker chooses them: all of `includes`, nothing of `excludes`. */
export function rulesIn(profile: SeccompProfile, place: SeccompPlace): readonly SeccompRule[] {
  const held = new Set(place.capabilities);
  const reached = (wanted: SeccompFilterOn["minKernel"]): boolean =>
    wanted !== undefined && (place.kernel[0] > wanted[0] || (place.kernel[0] === wanted[0] && place.kernel[1] >= wanted[1]));
  return profile.rules.filter(({ includes, excludes }) => {
    if (includes.arches.length > 0 && !includes.arches.includes(place.host)) return false;
    if (!includes.caps.every((name) => held.has(name))) return false;
    if (includes.minKernel && !reached(includes.minKernel)) return false;
    if (excludes.arches.includes(place.host) || excludes.caps.some((name) => held.has(name))) return false;
    return !reached(excludes.minKernel);
  });
}
