// The names that others on a network find a container by: docker's DNSNames. Pure.
import { defaultNetwork } from "../network/name.ts";
import type { ContainerRecord } from "./record.ts";
import type { NetworkAttachment } from "./spec/network.ts";

/** Its name, its aliases, the short id and its host name, none twice; on the default network nobody is found by name. */
export function placeNames(
  { id, name, spec }: Pick<ContainerRecord, "id" | "name"> & { readonly spec: Pick<ContainerRecord["spec"], "hostname" | "uts"> },
  { network, aliases = [] }: NetworkAttachment,
): readonly string[] {
  if (network === defaultNetwork) return [];
  const own = spec.uts.mode === "private" ? [spec.hostname] : [];
  return [...new Set([name, ...aliases, id.slice(0, 12), ...own])];
}
