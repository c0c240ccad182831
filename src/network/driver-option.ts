// The driver options of `network create -o`, by docker's names, and how their values are written. Pure.

/** Options with an effect on bridges (libnetwork's labels). */
export const driverOption = {
  bridge: "com.docker.network.bridge.name",
  mtu: "com.docker.network.driver.mtu",
  masquerade: "com.docker.network.bridge.enable_ip_masquerade",
  icc: "com.docker.network.bridge.enable_icc",
  hostBinding: "com.docker.network.bridge.host_binding_ipv4",
  inhibitIpv4: "com.docker.network.bridge.inhibit_ipv4",
  gatewayModeIpv4: "com.docker.network.bridge.gateway_mode_ipv4",
  gatewayModeIpv6: "com.docker.network.bridge.gateway_mode_ipv6",
  linkPrefix: "com.docker.network.container_iface_prefix",
  sourceIpv4: "com.docker.network.host_ipv4",
  sourceIpv6: "com.docker.network.host_ipv6",
  enableIpv4: "com.docker.network.enable_ipv4",
  enableIpv6: "com.docker.network.enable_ipv6",
} as const;

/** Docker's booleans, those of Go's strconv.ParseBool. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** RFC 791: every link must pass 68 bytes. */
export const isMtu = (text: string): boolean => /^\d{2,5}$/.test(text) && Number(text) >= 68 && Number(text) <= 65535;

/** The kernel's own names in this place (net/core/dev.c, dev_valid_name). */
export const isLinkName = (text: string): boolean => /^[^\s/:]{1,15}$/.test(text) && text !== "." && text !== "..";
