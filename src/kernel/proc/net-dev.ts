// Traffic of a container: /proc/<pid>/net/dev (proc_pid_net(5)) shows the links of that process's network namespace.
import { readProcessFile } from "./stat.ts";

export interface LinkTraffic {
  readonly name: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
}

/** Parses the text: two lines of headings, then one line per link. A link name may hold a colon, numbers never do. */
export function parseNetDev(text: string): readonly LinkTraffic[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(.+):\s*((?:\d+\s+){15}\d+)\s*$/.exec(line);
    if (!match) return [];
    const numbers = (match[2] ?? "").split(/\s+/).map(Number);
    const [receivedBytes = 0, receivedPackets = 0] = numbers;
    const [sentBytes = 0, sentPackets = 0] = numbers.slice(8);
    return [{ name: match[1] ?? "", receivedBytes, receivedPackets, sentBytes, sentPackets }];
  });
}

/** All links but the loopback, as docker's stats count them; none when the process is gone. */
export function readNetworkTraffic(pid: number): readonly LinkTraffic[] {
  return parseNetDev(readProcessFile(pid, "net/dev") ?? "").filter((link) => link.name !== "lo");
}
