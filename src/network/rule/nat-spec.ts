// Source translation of a subnet as it is asked for, as a value. Knows nothing of rules or links.
import { TsnsError } from "../../base/error.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { parseBlock, parseIp, renderIp } from "./address.ts";

export interface NatSpec {
  readonly family: IpFamily;
  /** Whose packets: `10.1.0.0/24`, host bits clear. */
  readonly subnet: string;
  /** Only what leaves by this link; absent: everything that leaves the subnet. */
  readonly out?: string;
  /** The source they get; absent: the address of the link they leave by. */
  readonly to?: string;
}

function bad(message: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-nat", message, { hint, exitCode: 2 });
}

/** Throws TsnsError invalid `bad-nat` (exit code 2). */
export function parseNat(
  subnetText: string,
  { out, to }: { readonly out?: string | undefined; readonly to?: string | undefined } = {},
): NatSpec {
  const block = subnetText.includes("/") ? parseBlock(subnetText) : undefined;
  if (block?.prefixLength === undefined) throw bad(`"${subnetText}" is no subnet`, "write it like 10.1.0.0/24 or fd00:1::/64");
  if (block.prefixLength === 0) throw bad(`${subnetText} is everything`, "give the subnet whose packets are to be translated");
  const target = to === undefined ? undefined : parseIp(to);
  if (to !== undefined && !target) throw bad(`"${to}" is no IP address`, "give one address of this host");
  if (target && target.family !== block.family)
    throw bad(`${to} and ${subnetText} are of different IP versions`, "give an address of the same one");
  if (out !== undefined && (out === "" || new TextEncoder().encode(out).length > 15 || /[\s/]/.test(out))) {
    throw bad(`"${out}" cannot be the name of a link`, "names of links have 1 to 15 characters; tsns net link ls lists them");
  }
  const subnet = `${renderIp({ family: block.family, value: block.base })}/${block.prefixLength}`;
  return { family: block.family, subnet, ...(out === undefined ? {} : { out }), ...(target ? { to: renderIp(target) } : {}) };
}

/** "10.1.0.0/24", "10.1.0.0/24 by eth0". */
export function renderNat({ subnet, out }: NatSpec): string {
  return out === undefined ? subnet : `${subnet} by ${out}`;
}

/** Two that would translate the same packets. */
export const natsConflict = (one: NatSpec, other: NatSpec): boolean => one.subnet === other.subnet && one.out === other.out;
