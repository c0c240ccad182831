// What this process may do, out of its own status (proc_pid_status(5)).
import { readFileSync } from "node:fs";

/** CAP_NET_ADMIN (12) in the effective set. */
export function hasNetAdmin(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> 12n) & 1n) === 1n;
}
