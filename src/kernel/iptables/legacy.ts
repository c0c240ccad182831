// Whether the rules of the legacy backend are others than before: the kernel announces nothing of them, so their listings are compared. The
// nft backend's changes are announced (netlink/event.ts).
import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import type { IpFamily } from "../../plan/rule.ts";
import { hasLegacyTables } from "./all.ts";
import { iptablesEnvironment } from "./run.ts";

const programs: Readonly<Record<IpFamily, string>> = { ipv4: "iptables-legacy-save", ipv6: "ip6tables-legacy-save" };

const mostBytes = 1 << 28;

/** A listing without what is another at each look: times in comments, counters of policies. */
export const withoutMoments = (listing: string): string => listing.replace(/^#.*\n/gm, "").replace(/^(:.*) \[\d+:\d+\]$/gm, "$1");

const list = (family: IpFamily, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { encoding: "utf8", env: iptablesEnvironment(), maxBuffer: mostBytes, signal } as const;
    execFile(programs[family], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });

/**
 * A short text that is another one when a rule of the legacy backend is; "" where it has no tables, which costs two small reads. Rejects
 * with the error of the program that cannot be run, and with the signal's.
 */
export async function readLegacyMark(signal: AbortSignal): Promise<string> {
  const marks: string[] = [];
  for (const family of ["ipv4", "ipv6"] as const)
    if (hasLegacyTables(family)) marks.push(`${family} ${hash("sha1", withoutMoments(await list(family, signal)))}`);
  return marks.join(" ");
}
