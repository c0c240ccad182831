// Waits for changes that the kernel announces in this network namespace and its peers: multicast groups of netlink(7), passed on by
// native/ns-watch.c, because the netlink package does not ask for those of peers (event.ts uses it where they do not matter). Tells that something has
// changed, not what: who listens looks again. No polling.
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { namespaceProgram } from "../sandbox/location.ts";
import { parseFailure } from "../sandbox/namespace-program.ts";
import { netlinkFamily } from "./relay.ts";

/** RTNLGRP_*, linux/rtnetlink.h. */
export const routeGroup = { link: 1, neighbour: 3, ipv4Address: 5, ipv4Route: 7, ipv6Address: 9, ipv6Route: 11 } as const;

/** Changes come in bursts: a link that comes up is some ten messages. Milliseconds. */
export const settleMs = 20;

/** A netlink family and its multicast groups. */
export interface EventSource {
  readonly family: number;
  readonly groups: readonly number[];
}

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** Also yields after so many milliseconds without a change. */
  readonly tickMs?: number;
}

/**
 * Yields once when listening has begun, then after every burst of changes, until the signal. Nothing is missed in between: a change while
 * the consumer works yields again. Other network namespaces with an id here are heard too. Throws KernelError.
 */
export async function* watchGroups(source: EventSource, { signal, tickMs }: WatchOptions): AsyncGenerator<void> {
  const listener = listen(source);
  const end = () => listener.close();
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!signal.aborted) {
      await listener.next(tickMs);
      if (listener.hasChanged()) await sleep(settleMs);
      if (signal.aborted || listener.hasEnded()) break;
      listener.seen();
      yield;
    }
    const failure = listener.failure();
    if (failure !== "" && !signal.aborted) throw parseFailure(failure);
  } finally {
    signal.removeEventListener("abort", end);
    listener.close();
  }
}

/** watchGroups of rtnetlink(7). */
export const watchRoutes = (groups: readonly number[], options: WatchOptions): AsyncGenerator<void> =>
  watchGroups({ family: netlinkFamily.route, groups }, options);

/** The native helper, and whether it has said something since it was last looked at. */
function listen({ family, groups }: EventSource) {
  const args = ["netlink-watch", String(family), ...groups.map(String)];
  const child = spawn(namespaceProgram, args, { stdio: ["ignore", "pipe", "pipe"] });
  let changed = false;
  let ended = false;
  let failure = "";
  let wake = () => {};
  child.stdout.on("data", () => {
    changed = true;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    failure += text;
  });
  child.on("error", (error) => {
    failure ||= `${"code" in error ? error.code : "EIO"}\texec\t${namespaceProgram}`;
  });
  child.on("close", () => {
    ended = true;
    wake();
  });
  return {
    /** Resolves at a change, at the end, or after the time. */
    async next(timeoutMs: number | undefined) {
      if (changed || ended) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((done) => {
        wake = done;
        if (timeoutMs !== undefined) timer = setTimeout(done, timeoutMs);
      });
      clearTimeout(timer);
    },
    hasChanged: () => changed,
    hasEnded: () => ended,
    failure: () => failure,
    seen() {
      changed = false;
    },
    close() {
      child.kill("SIGKILL");
      ended = true;
      wake();
    },
  };
}
