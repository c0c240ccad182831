// What of `HostConfig` is about seccomp, labels and hidden paths, as docker's daemon fills it in. Pure.
import { maskedPaths, readonlyPaths } from "../oci/default.ts";
import type { ContainerSpec } from "../spec.ts";

/** The user's words, a profile as its JSON. Docker's daemon notes that processes with the host's view get no label. */
export function securityOpt(spec: ContainerSpec): readonly string[] | null {
  const { seccomp, securityOpt: words = spec.noNewPrivileges ? ["no-new-privileges"] : [] } = spec;
  if (words.length === 0) return spec.privileged || spec.pid.mode === "host" || spec.ipc.mode === "host" ? ["label=disable"] : null;
  return words.map((word) => (word === "seccomp" && typeof seccomp === "object" ? `seccomp=${seccomp.profile}` : word));
}

/** Null for a privileged container, empty lists for systempaths=unconfined. */
export function systemPaths(spec: ContainerSpec): Readonly<Record<"MaskedPaths" | "ReadonlyPaths", readonly string[] | null>> {
  if (spec.privileged) return { MaskedPaths: null, ReadonlyPaths: null };
  return spec.systemPaths ? { MaskedPaths: [], ReadonlyPaths: [] } : { MaskedPaths: maskedPaths, ReadonlyPaths: readonlyPaths };
}
