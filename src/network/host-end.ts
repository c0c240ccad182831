// What stands at the host's end of a container's link, where the container cannot take it away: the filter of what it may say of itself,
// and how fast it may send and receive. Pure; the pair, and the bridge it is a port of, are others'.

import { ingressAdd, spoofFilterAdd } from "./message-filter.ts";
import { hostLinkIndex } from "./name.ts";
import type { Endpoint } from "./spec.ts";
import { ownAddresses, spoofProgram } from "./spoof.ts";

export interface HostEnd {
  /** Packets in the name of others pass too. */
  readonly spoofing?: boolean;
  /** Addresses of the link beside those of its place. */
  readonly linkLocal?: readonly string[];
}

/**
 * Messages for a socket of the host's namespace, after the pair has been made with `hostLinkIndex` and before its end is up: nothing passes
 * without them. All of it goes with the link. Empty where nothing is to stand there.
 */
export function hostEndMessages(endpoint: Endpoint, { spoofing, linkLocal = [] }: HostEnd): readonly Uint8Array[] {
  if (spoofing) return [];
  const index = hostLinkIndex(endpoint.hostLink);
  return [ingressAdd(index), spoofFilterAdd(index, spoofProgram(ownAddresses(endpoint, linkLocal)))];
}
