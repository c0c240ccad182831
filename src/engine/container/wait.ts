// Use case: waits for what becomes of a container: its end, its next end, its removal.
import { isLive } from "../../container/record.ts";
import { waitForEnd } from "../../kernel/sandbox/attach.ts";
import { findContainer, getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { type EventFeed, openEventFeed } from "../event/feed.ts";
import { parseEvent } from "../event/message.ts";
import { containerDirectory } from "./directory.ts";
import { observeContainer } from "./observe.ts";

export const waitConditions = ["not-running", "next-exit", "removed"] as const;
export type WaitCondition = (typeof waitConditions)[number];

/** Resolves with the exit code of the last run. Throws not-found, and what `signal` is aborted with. */
export async function waitContainer(
  engine: Engine,
  reference: string,
  condition: WaitCondition = "not-running",
  signal?: AbortSignal,
): Promise<number> {
  const { id } = findContainer(engine.store, reference);
  if (condition === "not-running" && !isLive(observe(engine, id))) return exitCodeOf(engine, id, 0);
  // Looked at again once the feed is open: what happens from here on is in it.
  using feed = openEventFeed(engine.root);
  let last = exitCodeOf(engine, id, 0);
  for (;;) {
    const { status, record } = observe(engine, id);
    if (record === undefined) return last;
    if (status === "running") {
      last = (await codeOfEnd(engine, id, signal)) ?? exitCodeOf(engine, id, last);
      if (condition !== "removed") return last;
    } else if (condition === "not-running" && status !== "restarting") return exitCodeOf(engine, id, last);
    const ended = await untilTold(feed, id, signal);
    // Start and end may be told in one look, with nothing seen running in between.
    if (ended !== undefined && condition === "next-exit") return ended;
    last = ended ?? last;
  }
}

/** Of a container that is gone, no record. */
function observe(engine: Engine, id: string) {
  const record = getContainer(engine.store, id);
  return record ? observeContainer(engine, record) : { status: "dead" as const, record };
}

function exitCodeOf(engine: Engine, id: string, otherwise: number): number {
  return observe(engine, id).record?.exit?.exitCode ?? otherwise;
}

async function codeOfEnd(engine: Engine, id: string, signal: AbortSignal | undefined): Promise<number | undefined> {
  const aborted = new Promise<"aborted">((done) => signal?.addEventListener("abort", () => done("aborted"), { once: true }));
  const end = await Promise.race([waitForEnd(containerDirectory(engine.root, id).path), aborted]);
  signal?.throwIfAborted();
  return typeof end === "object" ? (end.signal ? 128 + end.signal : end.code) : undefined;
}

/** Until something is told of the container; the exit code if an end is. */
async function untilTold(feed: EventFeed, id: string, signal: AbortSignal | undefined): Promise<number | undefined> {
  for (;;) {
    const own = feed.read().flatMap((line) => {
      const event = parseEvent(line);
      return event?.id === id ? [event] : [];
    });
    const code = own.findLast(({ action }) => action === "die")?.attributes.exitCode;
    if (own.length > 0) return code === undefined ? undefined : Number(code);
    await feed.changed(signal);
    signal?.throwIfAborted();
  }
}
