// What makes a host pass packets between its links, of each family, without losing its own way. Pure.
import type { PlannedStep } from "../plan/plan.ts";

/** What the host does already. */
export interface ForwardingHost {
  /** net.ipv4.ip_forward is 1. */
  readonly ipForward: boolean;
  /** net.ipv6.conf.all.forwarding is 1. */
  readonly ipv6Forward?: boolean;
  /** Links whose routes come from router advertisements and that would hear no more of them while forwarding (accept_ra is 1). */
  readonly advertised?: readonly string[];
}

export interface ForwardedFamilies {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

const set = (key: string, value: string, because: string): PlannedStep => ({ step: { kind: "sysctl.write", key, value }, because });

/** What is not so yet. It stays, as others may rely on it by then. */
export function forwardingSteps({ ipv4, ipv6 }: ForwardedFamilies, host: ForwardingHost, who: string): PlannedStep[] {
  const because = `the host passes packets ${who}; stays on, as others may rely on it by then`;
  const deaf = (link: string) => `a router tells this host its way by ${link}: one that forwards would not listen any more`;
  return [
    ...(ipv4 && !host.ipForward ? [set("net.ipv4.ip_forward", "1", because)] : []),
    ...(ipv6 && !host.ipv6Forward
      ? [
          // ip-sysctl.rst: 2 is "even if forwarding is enabled".
          ...(host.advertised ?? []).map((link) => set(`net.ipv6.conf.${link}.accept_ra`, "2", deaf(link))),
          set("net.ipv6.conf.all.forwarding", "1", because),
        ]
      : []),
  ];
}
