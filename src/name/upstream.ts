// Other name servers: in which order they are asked, and for how long one that was silent comes last. Pure; time is given.
import { bracketed } from "../network/ip.ts";

export interface Upstream {
  /** Of IPv6 maybe with its link: `fe80::1%eth0`. */
  readonly address: string;
  readonly port: number;
}

/** One question to one server, with its result in a few words. */
export interface Attempt {
  readonly server: string;
  readonly protocol: "udp" | "tcp";
  /** After the question came. */
  readonly startMs: number;
  readonly ms: number;
  readonly result: string;
}

export const dnsPort = 53;

/** `10.0.0.1`, `[fd00::1]:5353`: the port only where it is another one. */
export function renderUpstream({ address, port }: Upstream): string {
  if (port === dnsPort) return address;
  return `${bracketed(address)}:${port}`;
}

export interface UpstreamHealth {
  /** Those that were silent lately come last; else the order stays. */
  order(servers: readonly Upstream[], nowMs: number): readonly Upstream[];
  isDown(server: Upstream, nowMs: number): boolean;
  failed(server: Upstream, nowMs: number): void;
  answered(server: Upstream): void;
}

/** How long a server that did not answer comes last. */
export const restMs = 30_000;

/** How many servers are remembered: whom containers name is their own affair. */
const mostKnown = 1_000;

export function makeUpstreamHealth(): UpstreamHealth {
  const downUntil = new Map<string, number>();
  const isDown = (server: Upstream, nowMs: number) => (downUntil.get(renderUpstream(server)) ?? 0) > nowMs;
  return {
    isDown,
    order: (servers, nowMs) => [
      ...servers.filter((server) => !isDown(server, nowMs)),
      ...servers.filter((server) => isDown(server, nowMs)),
    ],
    failed(server, nowMs) {
      if (downUntil.size >= mostKnown) downUntil.clear();
      downUntil.set(renderUpstream(server), nowMs + restMs);
    },
    answered: (server) => void downUntil.delete(renderUpstream(server)),
  };
}
