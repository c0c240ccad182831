// Whether this host passes packets between its links, and which of them listen to a router.
import { readSysctl } from "../../kernel/network/sysctl.ts";
import { readAdvertisedLinks } from "../../kernel/network/taken.ts";
import type { ForwardedFamilies, ForwardingHost } from "../../network/forwarding.ts";

/** Reads what matters to the families alone. */
export function readForwarding({ ipv6 }: ForwardedFamilies): ForwardingHost {
  return { ipForward: readSysctl("net.ipv4.ip_forward") === "1", ...(ipv6 ? readIpv6() : {}) };
}

function readIpv6(): Pick<ForwardingHost, "ipv6Forward" | "advertised"> {
  if (readSysctl("net.ipv6.conf.all.forwarding") === "1") return { ipv6Forward: true };
  return { advertised: readAdvertisedLinks().filter((link) => readSysctl(`net.ipv6.conf.${link}.accept_ra`) === "1") };
}
