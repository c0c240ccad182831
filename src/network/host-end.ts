// What stands at the host's end of a container's link, where the container cannot take it away: the filter of what it may say of itself,
// and how fast it may send and receive. Pure; the pair, and the bridge it is a port of, are others'.
import type { PlannedStep } from "../plan/plan.ts";
import { apartProgram } from "./apart.ts";
import { loopbackReturnProgram } from "./loopback-return.ts";
import { apartFilterAdd, ingressAdd, loopbackReturnAdd, redirectAdd, spoofFilterAdd } from "./message-filter.ts";
import { rateSet } from "./message-qdisc.ts";
import { heldLink, hostLinkIndex } from "./name.ts";
import { type LinkRate, planRate } from "./rate.ts";
import type { Endpoint } from "./spec.ts";
import { ownAddresses, spoofProgram } from "./spoof.ts";

export interface HostEnd {
  /** Packets in the name of others pass too. */
  readonly spoofing?: boolean;
  /** Addresses of the link beside those of its place. */
  readonly linkLocal?: readonly string[];
  readonly rate?: LinkRate;
  /** The host's hardware address on its network, where it may send to nobody else. */
  readonly onlyTo?: Uint8Array;
}

/**
 * Messages for a socket of the host's namespace, after the pair has been made with `hostLinkIndex` and before its end is up: nothing passes
 * without them. All of it goes with the link. Empty where nothing is to stand there.
 */
export function hostEndMessages(endpoint: Endpoint, { spoofing, linkLocal = [], rate = {}, onlyTo }: HostEnd): readonly Uint8Array[] {
  const index = hostLinkIndex(endpoint.hostLink);
  const filters = [
    ...(endpoint.ipv6 ? [loopbackReturnAdd(index, loopbackReturnProgram())] : []),
    ...(spoofing ? [] : [spoofFilterAdd(index, spoofProgram(ownAddresses(endpoint, linkLocal)))]),
    ...(onlyTo ? [apartFilterAdd(index, apartProgram(onlyTo))] : []),
    ...(rate.outBits === undefined ? [] : [redirectAdd(index, heldLink(endpoint.hostLink).index)]),
  ];
  return [
    ...(filters.length > 0 ? [ingressAdd(index)] : []),
    ...filters,
    ...(rate.inBits === undefined ? [] : [rateSet(index, planRate(rate.inBits))]),
  ];
}

/** What has to be there before those messages are sent, and does not go with the link. */
export function hostEndSteps({ hostLink }: Endpoint, { rate = {} }: HostEnd): readonly PlannedStep[] {
  return rate.outBits === undefined || hostLink === "" ? [] : [holdStep(hostLink, rate.outBits)];
}

/** The link that packets of the container wait before; its name and index follow from the host's end. */
export function holdStep(hostLink: string, outBits: number): PlannedStep {
  const { name, index } = heldLink(hostLink);
  return {
    step: { kind: "ifb.add", name, index, rate: planRate(outBits) },
    because: "what the container sends waits here, where it cannot take the bucket away",
    undo: { kind: "link.remove", name },
  };
}
