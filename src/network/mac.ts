// Hardware addresses that follow from IP addresses, so that a neighbour's ARP cache stays right when an address is given again.
import { parseIp } from "./ip.ts";
import { type NetworkSpec, poolOf } from "./spec.ts";

/**
 * That of an address of either family: macOfAddress, of IPv6 with 02:76 and the low 32 bits (two addresses of one /64 that are chosen
 * in turn differ there). Of a place with both families the IPv4 address counts.
 */
export function macOfText(address: string): string {
  const ip = parseIp(address);
  const mac = macOfAddress(Number((ip?.value ?? 0n) & 0xffffffffn));
  return ip?.family === "ipv6" ? mac.replace("02:74", "02:76") : mac;
}

/** 02:74 (locally administered, unicast) and the four bytes of the address. */
export function macOfAddress(address: number): string {
  const bytes = [0x02, 0x74, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Six bytes of `02:74:0a:00:00:01`, undefined for anything else. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text)) return undefined;
  return Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16));
}

export function renderMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The hardware address of a network's bridge: that of its first gateway, IPv4 before IPv6. */
export function bridgeMac({ pools }: Pick<NetworkSpec, "pools">): string {
  const [ipv4, ipv6] = [poolOf({ pools }, "ipv4"), poolOf({ pools }, "ipv6")];
  return macOfText(ipv4?.gateway ?? ipv6?.gateway ?? pools[0]?.subnet.split("/")[0] ?? "");
}
