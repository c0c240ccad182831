// Changes of this network namespace that the kernel announces to multicast groups, heard through the netlink package. Tells that
// something has changed, not what: who listens looks again. Peers' namespaces are watch.ts's, one exchange is relay.ts's.
import { setTimeout as sleep } from "node:timers/promises";
import type { NetlinkSocket } from "netlink";
import { isErrno, TsnsError } from "../../base/error.ts";
import { netlinkFamily } from "./relay.ts";
import { type EventSource, settleMs, type WatchOptions } from "./watch.ts";

/** NFNLGRP_NFTABLES, linux/netfilter/nfnetlink.h: every change of a rule set of nftables, iptables' nft backend included. */
export const nftablesSource: EventSource = { family: netlinkFamily.netfilter, groups: [7] };

/**
 * Yields once when listening has begun, then after every burst of changes, until the signal. Nothing is missed in between: a change
 * while the consumer works yields again. A family that the kernel lacks is left out; TsnsError unavailable `netlink-socket` when it
 * lacks all of them.
 */
export async function* watchEvents(sources: readonly EventSource[], { signal, tickMs }: WatchOptions): AsyncGenerator<void> {
  let changed = false;
  let wake = () => {};
  const hear = () => {
    changed = true;
    wake();
  };
  const sockets = await openSockets(sources, hear);
  signal.addEventListener("abort", hear, { once: true });
  try {
    yield;
    while (!signal.aborted) {
      if (!changed) await untilWoken((done) => (wake = done), tickMs);
      if (changed && !signal.aborted) await sleep(settleMs);
      if (signal.aborted) break;
      changed = false;
      yield;
    }
  } finally {
    signal.removeEventListener("abort", hear);
    for (const socket of sockets) socket.close();
  }
}

async function untilWoken(onWake: (done: () => void) => void, tickMs: number | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((done) => {
    onWake(done);
    if (tickMs !== undefined) timer = setTimeout(done, tickMs);
  });
  clearTimeout(timer);
}

async function openSockets(sources: readonly EventSource[], hear: () => void): Promise<readonly NetlinkSocket[]> {
  const { createNetlink } = await import("netlink");
  const sockets: NetlinkSocket[] = [];
  let failure: unknown;
  for (const { family, groups } of sources) {
    try {
      const socket = createNetlink(family);
      socket.ref();
      sockets.push(socket);
      // Messages the package cannot group, and dropped ones (ENOBUFS), are changes all the same.
      for (const event of ["message", "invalid", "truncatedMessage"] as const) socket.on(event, hear);
      socket.on("error", (error) => {
        if (isErrno(error, "ENOBUFS")) hear();
      });
      for (const group of groups) socket.addMembership(group);
    } catch (error) {
      failure = error;
    }
  }
  if (sockets.length === 0) {
    throw new TsnsError("unavailable", "netlink-socket", "cannot listen for changes of the network", {
      hint: "run as root",
      cause: failure,
    });
  }
  return sockets;
}
