// The address that the kernel gives a link in IPv6 by itself: RFC 4291, appendix A. Knows no privacy addresses.

/** fe80::/64 and the hardware address with ff:fe in its middle and the bit of local administration turned over. */
export function ipv6LinkLocal(mac: Uint8Array): bigint {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac;
  return [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((value, byte) => value * 256n + BigInt(byte), 0n) | (0xfe80n << 112n);
}
