// What a word may mean to `tsns who`, and what is found behind it. Pure.
import { canonicalAddress } from "../network/canonical.ts";
import { parseMac } from "../network/mac.ts";
import { maxPid } from "./inode.ts";
import type { Owner } from "./owner.ts";

export const meanings = ["port", "path", "ip", "mac", "iface", "pid", "inode", "cgroup"] as const;
export type Meaning = (typeof meanings)[number];

/** One thing that the word stands for. */
export interface Finding {
  readonly as: Meaning;
  /** How it was found: "listener", "dnat", "open", "cwd", "mount", "address", "process", "member" ... */
  readonly how: string;
  /** The thing itself, in words. */
  readonly what: string;
  /** 0 for none. */
  readonly pid: number;
  /** Name of that process; empty for none. */
  readonly process: string;
  /** Undefined for things of the host itself. */
  readonly owner?: Owner;
  /** `net:[4026532208]` where the thing lies in another namespace than tsns; else empty. */
  readonly namespace: string;
  /** More, for --json. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface PortQuestion {
  readonly port: number;
  readonly protocol?: "tcp" | "udp" | "sctp";
  /** In its one spelling. */
  readonly address?: string;
}

/** 8080, :8080, 53/udp, udp/53, 127.0.0.1:80, [::1]:80/tcp; undefined for anything else. */
export function parsePortQuestion(word: string): PortQuestion | undefined {
  const match = /^(?:(tcp|udp|sctp)\/)?(?:(\[[0-9A-Fa-f:.]+\]|[0-9.]+|\*)?:)?(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(word);
  const [, before, host, digits, behind] = match ?? [];
  const port = Number(digits ?? 0);
  if (port < 1 || port > 65_535 || (before !== undefined && behind !== undefined)) return undefined;
  const isAny = host === undefined || host === "*";
  const address = isAny ? undefined : canonicalAddress(host);
  if (!isAny && address === undefined) return undefined;
  const protocol = (before ?? behind) as PortQuestion["protocol"];
  return { port, ...(protocol === undefined ? {} : { protocol }), ...(address === undefined ? {} : { address }) };
}

export interface InodeQuestion {
  readonly inode: number;
  /** "socket", "pipe", "net" ... where it was written. */
  readonly kind?: string;
}

/** 4026531840, net:[4026531840], socket:[812], pipe:[813]. */
export function parseInodeQuestion(word: string): InodeQuestion | undefined {
  const match = /^(?:([a-z]+):\[(\d{1,15})\]|(\d{1,15}))$/.exec(word);
  const inode = Number(match?.[2] ?? match?.[3] ?? 0);
  if (!match || inode < 1) return undefined;
  return { inode, ...(match[1] === undefined ? {} : { kind: match[1] }) };
}

/** Everything a word can mean by its form; whether there is such a thing is looked up. A word without a slash may name a file too. */
export function meaningsOf(word: string): readonly Meaning[] {
  if (word === "") return [];
  if (/^\d+$/.test(word)) {
    const isPid = Number(word) >= 1 && Number(word) <= maxPid;
    return [
      ...(parsePortQuestion(word) ? (["port"] as const) : []),
      ...(isPid ? (["pid"] as const) : []),
      ...(parseInodeQuestion(word) ? (["inode"] as const) : []),
    ];
  }
  if (parsePortQuestion(word)) return ["port"];
  if (parseInodeQuestion(word)) return ["inode"];
  if (canonicalAddress(word) !== undefined) return ["ip"];
  if (parseMac(word)) return ["mac"];
  if (word.includes("/")) return ["path", "cgroup"];
  return word.length <= 15 && !/\s/.test(word) ? ["iface", "cgroup", "path"] : ["cgroup", "path"];
}
