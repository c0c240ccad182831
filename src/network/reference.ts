// What a person calls a network, where it is the start of an id. Pure.
import { TsnsError } from "../base/error.ts";

/** The one of those that the start of an id fits; undefined for none. Throws conflict `ambiguous-network`. */
export function onlyNetwork<T>(reference: string, found: readonly T[], nameOf: (network: T) => string): T | undefined {
  if (found.length < 2) return found[0];
  throw new TsnsError(
    "conflict",
    "ambiguous-network",
    `network ${reference} is ambiguous (${found.length} matches found based on ID prefix)`,
    {
      hint: `it may be ${found.map(nameOf).join(", ")}: give a name or more digits`,
    },
  );
}
