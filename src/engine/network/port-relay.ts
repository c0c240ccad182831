// Whether ports that are published on a network without IPv6 are reached by IPv6 as well: asked of the host when the network is made, and kept
// with it, so that its rules are known from its record.
import { canTranslate } from "../../kernel/iptables/index.ts";
import { readSysctl } from "../../kernel/network/sysctl.ts";
import { wantsRelay } from "../../network/port-relay.ts";
import type { NetworkSpec } from "../../network/spec.ts";

/** The network with what this host can do for it. */
export function withPortRelay({ ipv6Relay: _, ...spec }: NetworkSpec): NetworkSpec {
  return wantsRelay(spec) && hostRelays() ? { ...spec, ipv6Relay: true } : spec;
}

/** Monitors listen on an address of the loopback link, to which ip6tables leads. */
const hostRelays = (): boolean => readSysctl("net.ipv6.conf.lo.disable_ipv6") === "0" && canTranslate("ipv6");
