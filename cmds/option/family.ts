// Options that choose one address family, as ip(8) has them.
import { TsnsError } from "../../src/base/error.ts";
import { type Family, family } from "../../src/network/link-address.ts";
import type { OptionTable } from "../command.ts";

export const familyOptions = {
  ipv4: { type: "boolean", short: "4", describe: "IPv4 only" },
  ipv6: { type: "boolean", short: "6", describe: "IPv6 only" },
} as const satisfies OptionTable;

/** undefined for both. Throws TsnsError invalid `bad-option`, exit code 2, when both are asked for alone. */
export function familyOf({ ipv4, ipv6 }: { readonly ipv4?: boolean | undefined; readonly ipv6?: boolean | undefined }): Family | undefined {
  if (ipv4 && ipv6)
    throw new TsnsError("invalid", "bad-option", "-4 and -6 exclude each other", { hint: "leave both out for both", exitCode: 2 });
  if (ipv4) return family.ipv4;
  return ipv6 ? family.ipv6 : undefined;
}

/** As JSON has it. */
export const familyWord = (which: Family): "ipv4" | "ipv6" => (which === family.ipv4 ? "ipv4" : "ipv6");
