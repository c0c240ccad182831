// Says before anything is changed that an act on namespaces needs rights this process does not have.
import { TsnsError } from "../../base/error.ts";
import { capabilityMask } from "../../container/capability.ts";
import { readEffectiveCapabilities } from "../container/host-fact.ts";

/** Throws denied without CAP_SYS_ADMIN; `what` begins the message. */
export function requireNamespacePrivilege(what: string, hint = "run it with sudo"): void {
  if ((readEffectiveCapabilities() & capabilityMask(["SYS_ADMIN"])) !== 0n) return;
  throw new TsnsError("denied", "no-privilege", `${what} needs root: this process lacks CAP_SYS_ADMIN`, { hint });
}
