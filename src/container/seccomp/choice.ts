// Which seccomp profile a container has, and its filter compiled; the filter that most containers have, compiled in advance.
import type { SecuritySettings } from "../spec/security.ts";
import { compileSeccomp } from "./compile.ts";
import { defaultProfile } from "./default.ts";
import type { PreparedFilters, SeccompFilter } from "./filter.ts";
import { parseSeccomp } from "./parse.ts";
import { isFiltered, knownHost, type SeccompHost, seccompPlace } from "./place.ts";
import type { SeccompProfile } from "./profile.ts";

/** The profile of a container; undefined: none. Throws TsnsError for one that cannot be. */
export function seccompProfile(spec: SecuritySettings, host: SeccompHost): SeccompProfile | undefined {
  if (!isFiltered(spec)) return undefined;
  return typeof spec.seccomp === "object" ? parseSeccomp(spec.seccomp.profile, knownHost(host)) : defaultProfile;
}

/** The filter of a container whose bounding set has `capabilities` (CAP_NAME); undefined: none. */
export function compileFilter(spec: SecuritySettings, host: SeccompHost, capabilities: readonly string[]): SeccompFilter | undefined {
  const profile = seccompProfile(spec, host);
  return profile && { hex: compileSeccomp(profile, seccompPlace(host, capabilities)), flags: profile.flags };
}

/** Of the capabilities that the default profile asks for, docker's default set has these. */
const common = ["CAP_SYS_CHROOT"];

/** The default profile for containers with docker's default capabilities, on any kernel that tsns runs on. */
export function prepareFilters(): PreparedFilters {
  const compile = (host: "amd64" | "arm64") => compileSeccomp(defaultProfile, { host, kernel: [5, 0], capabilities: common });
  return {
    hex: { amd64: compile("amd64"), arm64: compile("arm64") },
    flags: defaultProfile.flags,
    asked: [...new Set(defaultProfile.rules.flatMap(({ includes, excludes }) => [...includes.caps, ...excludes.caps]))],
    held: common,
  };
}
