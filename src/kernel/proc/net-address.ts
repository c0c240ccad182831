// Addresses of a process's network namespace without entering it: /proc/PID/net/fib_trie and if_inet6 (proc_pid_net(5)).

import { isErrno } from "../../base/error.ts";
import { renderIpv6 } from "../../network/canonical.ts";
import { renderIp } from "../../network/ip.ts";
import { parseFibTrie } from "../network/route.ts";
import { readProcessFile } from "./stat.ts";

export interface Inet6Address {
  readonly address: string;
  readonly prefixLength: number;
  readonly link: string;
}

/** Parses if_inet6: 32 hex digits, link number, prefix length, scope, flags (hexadecimal), link name. */
export function parseInet6(text: string): readonly Inet6Address[] {
  return text.split("\n").flatMap((line) => {
    const match = /^([0-9a-f]{32}) [0-9a-f]+ ([0-9a-f]{1,2}) [0-9a-f]+ [0-9a-f]+\s+(\S+)$/.exec(line);
    if (!match) return [];
    const groups = (match[1] ?? "").match(/.{4}/g) ?? [];
    const address = renderIpv6(groups.map((group) => Number.parseInt(group, 16)));
    return [{ address, prefixLength: Number.parseInt(match[2] ?? "", 16), link: match[3] ?? "" }];
  });
}

/** Own addresses of both families but the loopback's; none when the process is gone or not ours to see. */
export function readNamespaceAddresses(pid: number): readonly string[] {
  const read = (file: string): string => {
    try {
      return readProcessFile(pid, `net/${file}`) ?? "";
    } catch (error) {
      if (isErrno(error, "EACCES", "EPERM", "EINVAL")) return "";
      throw error;
    }
  };
  const ipv4 = parseFibTrie(read("fib_trie"), ["LOCAL"]).filter(({ base, prefixLength }) => prefixLength === 32 && base >> 24n !== 127n);
  const ipv6 = parseInet6(read("if_inet6")).filter(({ address }) => address !== "::1");
  return [...new Set([...ipv4.map(({ base }) => renderIp({ family: "ipv4", value: base })), ...ipv6.map(({ address }) => address)])];
}

/** Whether a link of this namespace has it. */
export const hasOwnIpv6 = (address: string): boolean =>
  parseInet6(readProcessFile(process.pid, "net/if_inet6") ?? "").some((own) => own.address === address);
