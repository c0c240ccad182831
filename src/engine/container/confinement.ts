// What the processes of a container are refused by seccomp and AppArmor: reads what this host has, decides nothing else.
import { release } from "node:os";
import { TsnsError } from "../../base/error.ts";
import { boundingCapabilities } from "../../container/oci/process.ts";
import type { Confinement } from "../../container/sandbox-process.ts";
import { seccompFilter } from "../../container/seccomp/filter.ts";
import type { SeccompHost } from "../../container/seccomp/place.ts";
import type { SecuritySettings } from "../../container/spec/security.ts";
import { tryReadText } from "../../kernel/text-file.ts";
import { readBoundingSet } from "./host-fact.ts";

/** This host as filters are compiled for it. */
export function seccompHost(): SeccompHost {
  return { arch: process.arch, release: release() };
}

/** Filter and profile for the processes of a container. Throws TsnsError for a profile that cannot be. */
export async function confinementOf(spec: SecuritySettings): Promise<Confinement> {
  return {
    seccomp: await seccompFilter(spec, seccompHost(), boundingCapabilities(spec, readBoundingSet())),
    ownProfile: typeof spec.seccomp === "object",
    apparmor: spec.apparmor === "unconfined" && !hasAppArmor() ? undefined : spec.apparmor,
  };
}

function hasAppArmor(): boolean {
  return tryReadText("/sys/module/apparmor/parameters/enabled")?.trim() === "Y";
}

/** Throws TsnsError unsupported or not-found when the AppArmor profile that is asked for cannot be set on this host. */
export function requireAppArmor({ apparmor }: SecuritySettings): void {
  if (apparmor === undefined || apparmor === "unconfined") return;
  if (!hasAppArmor()) {
    throw new TsnsError("unsupported", "no-apparmor", `--security-opt apparmor=${apparmor}: AppArmor is not enabled in this kernel`, {
      hint: "leave the option out, or boot with apparmor=1 security=apparmor",
      exitCode: 125,
    });
  }
  const loaded = tryReadText("/sys/kernel/security/apparmor/profiles")?.split("\n");
  if (!loaded || loaded.some((line) => line.replace(/ \(\w+\)$/, "") === apparmor)) return;
  throw new TsnsError("not-found", "no-apparmor-profile", `--security-opt apparmor=${apparmor}: no such profile is loaded`, {
    hint: "load it with apparmor_parser -r FILE; aa-status lists those that are",
    exitCode: 125,
  });
}
