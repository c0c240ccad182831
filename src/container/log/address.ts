// Addresses of log servers: proto://host:port or proto:///path, and the socket address they are to the kernel (unix(7), ip(7), ipv6(7)).
// Pure: a host's name is looked up elsewhere.
import { isIpv6Address, parseAddress } from "../../network/address.ts";
import { groupsOfIpv6 } from "../../network/canonical.ts";
import { bracketed } from "../../network/ip.ts";

export type LogProtocol = "udp" | "tcp" | "unix" | "unixgram";

export interface LogAddress {
  readonly protocol: LogProtocol;
  /** Name or address, without brackets; a path for unix and unixgram. */
  readonly host: string;
  readonly port: number;
}

/** The longest path of unix(7), its end not counted. */
const longestPath = 107;

/** What is wrong with it, as text; otherwise the address. */
export function parseLogAddress(text: string, defaultPort: number): LogAddress | string {
  const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === "unix" || scheme === "unixgram") {
    if (!rest.startsWith("/")) return `"${text}" names no absolute path`;
    return Buffer.byteLength(rest) <= longestPath
      ? { protocol: scheme, host: rest, port: 0 }
      : `the path of "${text}" is longer than ${longestPath} bytes`;
  }
  if (scheme !== "udp" && scheme !== "tcp")
    return scheme ? `unsupported scheme: '${scheme}'` : `should be in form proto://address, got ${text}`;
  const [, bracketed, plain = "", digits] = /^(?:\[([^\]]*)\]|([^:/]*))(?::(\d+))?\/?$/.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (!host || (bracketed !== undefined && !isIpv6Address(bracketed))) return `"${text}" names no host`;
  return port >= 1 && port <= 65535 ? { protocol: scheme, host, port } : `"${text}" names no port`;
}

/** As Go's errors name it: "tcp 127.0.0.1:514", "unixgram /dev/log". */
export function renderLogAddress({ protocol, host, port }: LogAddress): string {
  if (protocol === "unix" || protocol === "unixgram") return `${protocol} ${host}`;
  return `${protocol} ${bracketed(host)}:${port}`;
}

/** struct sockaddr_un, sockaddr_in or sockaddr_in6 in hexadecimal; `host` must be an address. Families are little endian on all supported machines. */
export function encodeSocketAddress({ protocol, host, port }: LogAddress): string {
  if (protocol === "unix" || protocol === "unixgram") return Buffer.from(`\x01\x00${host}`).toString("hex");
  const portHex = port.toString(16).padStart(4, "0");
  const ipv4 = parseAddress(host);
  if (ipv4 !== undefined) return `0200${portHex}${ipv4.toString(16).padStart(8, "0")}${"0".repeat(16)}`;
  const groups = groupsOfIpv6(host).map((group) => group.toString(16).padStart(4, "0"));
  return `0a00${portHex}${"0".repeat(8)}${groups.join("")}${"0".repeat(8)}`;
}
