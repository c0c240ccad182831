// The names under which addresses are looked up backwards (RFC 1035 section 3.5, RFC 3596 section 2.5), and back. Pure.
import { parseIp, renderIp } from "../network/ip.ts";

/** `2.0.5.10.in-addr.arpa` for 10.5.0.2, nibbles of ip6.arpa for IPv6; undefined for what is no address. */
export function reverseName(address: string): string | undefined {
  const ip = parseIp(address);
  if (ip === undefined) return undefined;
  const digits = ip.value.toString(16).padStart(ip.family === "ipv4" ? 8 : 32, "0");
  if (ip.family === "ipv6") return `${[...digits].reverse().join(".")}.ip6.arpa`;
  return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
}

/** The address in its one spelling that a name (lower case, no last dot) asks for; undefined for other names. */
export function addressOfReverse(name: string): string | undefined {
  const four = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(name)?.[1];
  if (four !== undefined) {
    const ip = parseIp(four.slice(0, -1).split(".").reverse().join("."));
    return ip && renderIp(ip);
  }
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (six === undefined) return undefined;
  const digits = six.split(".").reverse().join("");
  return renderIp({ family: "ipv6", value: BigInt(`0x${digits}`) });
}
