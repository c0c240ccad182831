// Traffic of a container: /proc/<pid>/net/dev (proc_pid_net(5)) shows the links of that process's network namespace.
import { closeSync, openSync, readSync } from "node:fs";
import type { LinkCounters as AllCounters } from "../../network/link-state.ts";
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

/** Bytes that went through a link. */
export interface LinkBytes {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface LinkCounters extends Disposable {
  /** Of these links of this process's own network namespace; those that are not there are left out. */
  read(names: ReadonlySet<string>): ReadonlyMap<string, LinkBytes>;
  /** The same with packets, drops and errors. */
  readAll(names: ReadonlySet<string>): ReadonlyMap<string, AllCounters>;
}

/** The counters of many links with one look at a file that stays open. */
export function openLinkCounters(): LinkCounters {
  const descriptor = openSync("/proc/self/net/dev", "r");
  let buffer = Buffer.allocUnsafe(1 << 15);
  /** The kernel tells some lines per read(2). */
  function readAll(): number {
    let length = 0;
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const count = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (count === 0) return length;
      length += count;
    }
  }
  return {
    read: (names) => (names.size === 0 ? new Map() : parseLinkBytes(buffer.subarray(0, readAll()), names)),
    readAll: (names) => (names.size === 0 ? new Map() : parseLinkCounters(buffer.subarray(0, readAll()), names)),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** The text as bytes: of hundreds of links only those that are asked for become values. */
export function parseLinkBytes(text: Buffer, names: ReadonlySet<string>): ReadonlyMap<string, LinkBytes> {
  return parseLines(text, names, (numbers) => ({ receivedBytes: Number(numbers[0]), sentBytes: Number(numbers[8]) }));
}

/** The same with packets, drops and errors. */
export function parseLinkCounters(text: Buffer, names: ReadonlySet<string>): ReadonlyMap<string, AllCounters> {
  return parseLines(text, names, (numbers) => {
    const at = (place: number): number => Number(numbers[place] ?? 0);
    return {
      rxBytes: at(0),
      rxPackets: at(1),
      rxErrors: at(2),
      rxDropped: at(3),
      txBytes: at(8),
      txPackets: at(9),
      txErrors: at(10),
      txDropped: at(11),
    };
  });
}

function parseLines<T>(text: Buffer, names: ReadonlySet<string>, value: (numbers: readonly string[]) => T): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (let start = 0, end = text.indexOf(10); end >= 0; start = end + 1, end = text.indexOf(10, start)) {
    const colon = text.lastIndexOf(58, end);
    if (colon <= start) continue;
    const name = text.toString("latin1", start, colon).trimStart();
    if (!names.has(name)) continue;
    const numbers = text
      .toString("latin1", colon + 1, end)
      .trim()
      .split(/ +/);
    found.set(name, value(numbers));
  }
  return found;
}
