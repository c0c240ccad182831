// What a profile does with one system call and which capability would change it: for those who ask why a call was refused. Pure.
import { capabilityNames } from "../capability.ts";
import { type Decision, decisionsOf, decisionsOnUnnamed } from "./compile.ts";
import type { SeccompPlace, SeccompProfile } from "./profile.ts";

export interface SeccompExplanation {
  readonly verdict: "allowed" | "refused" | "depends";
  /** What a refused call gets; with "depends", what it gets when no condition on its arguments lets it through. */
  readonly action: "allow" | "errno" | "kill" | "log" | "trace" | "trap";
  /** Number of the error that the call returns. */
  readonly errno?: number;
  /** CAP_NAME without the prefix: the smallest that lets the call through whatever its arguments are. Absent where none does. */
  readonly capability?: string;
}

const ALLOW = 0x7fff0000;
const LOG = 0x7ffc0000;

function actionOf(value: number): { readonly action: SeccompExplanation["action"]; readonly errno?: number } {
  if (value === ALLOW) return { action: "allow" };
  if (value === LOG) return { action: "log" };
  const kind = (value & 0xffff0000) >>> 0;
  if (kind === 0x00050000) return { action: "errno", errno: value & 0xffff };
  return { action: kind === 0x7ff00000 ? "trace" : kind === 0x00030000 ? "trap" : "kill" };
}

const letsThrough = ({ value }: Decision): boolean => value === ALLOW || value === LOG;

/** Capabilities from weak to strong: SYS_ADMIN, which is the right to nearly everything, comes last. */
const weakToStrong: readonly string[] = [...capabilityNames].sort((a, b) => Number(a === "SYS_ADMIN") - Number(b === "SYS_ADMIN"));

/** What `profile` does with the call `name` for a container in `place`. */
export function explainSeccomp(profile: SeccompProfile, name: string, place: SeccompPlace): SeccompExplanation {
  const decide = (capabilities: readonly string[]): readonly Decision[] =>
    decisionsOf(profile, { ...place, capabilities }).get(name) ?? decisionsOnUnnamed(profile, place, name);
  const decisions = decide(place.capabilities);
  const otherwise = actionOf(decisions.at(-1)?.value ?? ALLOW);
  if (decisions.every(letsThrough)) return { verdict: "allowed", ...otherwise };
  const capability = weakToStrong.find((more) => decide([...place.capabilities, `CAP_${more}`]).every(letsThrough));
  return {
    verdict: decisions.some(letsThrough) ? "depends" : "refused",
    ...otherwise,
    ...(capability === undefined ? {} : { capability }),
  };
}
