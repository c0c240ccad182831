// The names that others on a network find a container by: docker's DNSNames. Pure.
import { defaultNetwork } from "../network/name.ts";
import type { ContainerRecord } from "./record.ts";
import type { NetworkAttachment } from "./spec/network.ts";

/** What compose marks the containers of a service with; those of one service share the name. */
const serviceLabel = "com.docker.compose.service";

type Named = Pick<ContainerRecord, "id" | "name"> & { readonly spec: Pick<ContainerRecord["spec"], "hostname" | "uts" | "labels"> };

/**
 * Its name, its aliases, the service of compose that it belongs to, the short id and its host name, none twice; on the default network
 * nobody is found by name.
 */
export function placeNames({ id, name, spec }: Named, { network, aliases = [] }: NetworkAttachment): readonly string[] {
  if (network === defaultNetwork) return [];
  const own = spec.uts.mode === "private" ? [spec.hostname] : [];
  const service = spec.labels[serviceLabel];
  return [...new Set([name, ...aliases, ...(service && !/\s/.test(service) ? [service] : []), id.slice(0, 12), ...own])];
}
