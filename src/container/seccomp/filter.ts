// The seccomp filter of a container: the prepared one, or one compiled for it, for which profile and compiler are loaded. Pure.
import type { SecuritySettings } from "../spec/security.ts";
import type { HostArchitecture } from "./architecture.ts";
import { isFiltered, type SeccompHost, seccompPlace } from "./place.ts";

/** What the native helper hands to seccomp(2). */
export interface SeccompFilter {
  /** struct sock_filter array. */
  readonly hex: string;
  /** SECCOMP_FILTER_FLAG_*. */
  readonly flags: number;
}

/** The default profile, compiled for one set of capabilities and Linux 5.0 or newer. */
export interface PreparedFilters {
  readonly hex: Readonly<Record<HostArchitecture, string>>;
  readonly flags: number;
  /** Capabilities that the profile asks for, and those of them that the filters are for. */
  readonly asked: readonly string[];
  readonly held: readonly string[];
}

/** In the shipped command: so that a start need not compile. */
declare const TSNS_SECCOMP: PreparedFilters;

/** The filter of a container whose bounding set has `capabilities` (CAP_NAME); undefined: none. Throws TsnsError for one that cannot be. */
export async function seccompFilter(
  spec: SecuritySettings,
  host: SeccompHost,
  capabilities: readonly string[],
): Promise<SeccompFilter | undefined> {
  if (!isFiltered(spec)) return undefined;
  const prepared = typeof TSNS_SECCOMP === "undefined" || spec.seccomp ? undefined : TSNS_SECCOMP;
  return (
    (prepared && preparedFilter(prepared, host, capabilities)) ?? (await import("./choice.ts")).compileFilter(spec, host, capabilities)
  );
}

/** The prepared filter where it is the right one. */
export function preparedFilter(
  { hex, flags, asked, held }: PreparedFilters,
  host: SeccompHost,
  capabilities: readonly string[],
): SeccompFilter | undefined {
  const place = seccompPlace(host, capabilities);
  const isRight = place.kernel[0] >= 5 && asked.every((name) => held.includes(name) === capabilities.includes(name));
  return isRight ? { hex: hex[place.host], flags } : undefined;
}
