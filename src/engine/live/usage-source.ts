// Where the figures of containers come from: one look at the host and its links for all of them, descriptors that stay open for each.
import { descriptorRoom, type GroupFiles, openGroupFiles } from "../../kernel/cgroup/counter.ts";
import { type HostCpu, readHostCpu, readMemoryTotal } from "../../kernel/proc/host.ts";
import { type LinkBytes, openLinkCounters, readNetworkTraffic } from "../../kernel/proc/net-dev.ts";
import type { TrafficSource } from "./traffic.ts";

export interface UsageSources {
  readonly wallMs: () => number;
  /** Runs on whatever is done to the clock. */
  readonly clockMs: () => number;
  readonly hostCpu: () => Pick<HostCpu, "totalNanos" | "onlineCpus">;
  readonly hostMemoryBytes: () => number;
  readonly openFiles: (directories: Readonly<Record<string, string>>) => GroupFiles;
  readonly linkBytes: (names: ReadonlySet<string>) => ReadonlyMap<string, LinkBytes>;
  /** Of the network namespace of a process, its loopback left out. */
  readonly processBytes: (pid: number) => LinkBytes;
}

/** Memory is seldom plugged in. */
const memoryMs = 60_000;

export function openUsageSources(): UsageSources & Disposable {
  const room = descriptorRoom();
  const links = openLinkCounters();
  let memory = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };
  return {
    wallMs: () => Date.now(),
    clockMs: () => performance.now(),
    hostCpu: readHostCpu,
    hostMemoryBytes() {
      const atMs = performance.now();
      if (atMs - memory.atMs > memoryMs) memory = { bytes: readMemoryTotal(), atMs };
      return memory.bytes;
    },
    openFiles: (directories) => openGroupFiles(directories, room),
    linkBytes: (names) => links.read(names),
    processBytes: (pid) => sumOf(readNetworkTraffic(pid)),
    [Symbol.dispose]: () => links[Symbol.dispose](),
  };
}

/** Traffic, and when it was read: milliseconds of the clock that runs on. */
export interface BytesAt extends LinkBytes {
  readonly atMs: number;
}

/** What is the same for the containers of one slice of a look. */
export interface Look {
  /** Unix time. */
  readonly atMs: number;
  readonly clockMs: number;
  readonly cpu: Pick<HostCpu, "totalNanos" | "onlineCpus">;
  readonly hostMemoryBytes: number;
  readonly bytesOf: (source: TrafficSource) => BytesAt;
}

export const noBytes: LinkBytes = { receivedBytes: 0, sentBytes: 0 };

const sumOf = (links: readonly LinkBytes[]): LinkBytes => ({
  receivedBytes: links.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
  sentBytes: links.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
});

/** `wanted`: of all containers that are looked at. Links are read once for all of them, the rest by each call. */
export function openLook(sources: UsageSources, wanted: readonly TrafficSource[]): () => Look {
  const linksMs = sources.clockMs();
  const links = sources.linkBytes(new Set(wanted.flatMap((source) => (source.kind === "links" ? source.names : []))));
  return () => {
    const clockMs = sources.clockMs();
    return {
      atMs: sources.wallMs(),
      clockMs,
      cpu: sources.hostCpu(),
      hostMemoryBytes: sources.hostMemoryBytes(),
      bytesOf(source) {
        if (source.kind === "none") return { ...noBytes, atMs: clockMs };
        if (source.kind === "process") return { ...sources.processBytes(source.pid), atMs: clockMs };
        const { receivedBytes, sentBytes } = sumOf(source.names.map((name) => links.get(name) ?? noBytes));
        // Seen from the other end.
        return { receivedBytes: sentBytes, sentBytes: receivedBytes, atMs: linksMs };
      },
    };
  };
}
