// Says before anything is changed that a command cannot work without privilege.
import { TsnsError } from "../../base/error.ts";
import { capabilityMask } from "../../container/capability.ts";
import { readEffectiveCapabilities } from "./host-fact.ts";

const needed = ["SYS_ADMIN", "NET_ADMIN", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE", "MKNOD"] as const;

/** Those of `needed` that this process lacks, as CAP_NAME. */
export function missingCapabilities(): readonly string[] {
  const effective = readEffectiveCapabilities();
  return needed.filter((name) => (effective & capabilityMask([name])) === 0n).map((name) => `CAP_${name}`);
}

/** Throws denied unless this process has the capabilities that making a container takes; `what` is made, `exitCode` is the command's. */
export function requirePrivilege(what = "containers", exitCode = 125): void {
  const missing = missingCapabilities();
  if (missing.length === 0) return;
  throw new TsnsError("denied", "no-privilege", `${what} need root: this process lacks ${missing.join(", ")}`, {
    hint: "run it with sudo, or as root with these capabilities",
    exitCode,
  });
}
