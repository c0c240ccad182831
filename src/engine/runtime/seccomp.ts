// The filter of a configuration, compiled for this machine. Loaded when there is one.
import { release } from "node:os";
import { compileSeccomp } from "../../container/seccomp/compile.ts";
import type { SeccompFilter } from "../../container/seccomp/filter.ts";
import { seccompPlace } from "../../container/seccomp/place.ts";
import type { RuntimeProcess, RuntimeSeccomp } from "../../runtime/config/type.ts";

/** Throws TsnsError unsupported on a machine whose system calls are not known. */
export function filterOf({ profile }: RuntimeSeccomp, process: RuntimeProcess): SeccompFilter {
  const place = seccompPlace({ arch: globalThis.process.arch, release: release() }, process.capabilities?.bounding ?? []);
  return { hex: compileSeccomp(profile, place), flags: profile.flags };
}
