// What the screen needs to know just now, and what it is told: parts say what they show, and only that is watched or sampled.
import type { ContainerState } from "../../src/container/record.ts";
import type { EventMessage } from "../../src/engine/event/message.ts";
import type { HostState } from "../../src/engine/live/host.ts";
import type { InspectDocument, InspectedKind } from "../../src/engine/live/inspect.ts";
import type { ProcessBoard } from "../../src/engine/live/process.ts";
import type { UsageBoard } from "../../src/engine/live/usage.ts";
import type { LiveVolume } from "../../src/engine/live/volume.ts";

/** Containers as they are, with all of a state read (nothing is asked of the kernel when it is drawn). */
export interface ContainersFed {
  readonly containers: readonly ContainerState[];
}

/** The newest events, oldest first: at most the last 1,000. */
export interface EventsFed {
  readonly events: readonly EventMessage[];
}

/** All volumes, by name. Sizes come later, one after the other. */
export interface VolumesFed {
  readonly volumes: readonly LiveVolume[];
}

/** Processes of a container, by its id; `running`: of all that run. */
export interface ProcessesFed {
  readonly of: string;
  readonly board: ProcessBoard;
}

/** What inspect tells of one object; without a document it is not there any more. */
export interface InspectFed {
  readonly object: InspectedKind;
  readonly id: string;
  readonly document: InspectDocument | undefined;
}

/** Of each kind of need: what it names, and the value that comes for it, again and again, whole each time. */
export interface FeedTable {
  /** All containers, newest first. */
  readonly containers: { readonly asks: object; readonly value: ContainersFed };
  /** Use of these containers, sampled. */
  readonly usage: { readonly asks: { readonly ids: readonly string[] }; readonly value: UsageBoard };
  /** The machine, sampled. */
  readonly host: { readonly asks: object; readonly value: HostState };
  readonly inspect: { readonly asks: Pick<InspectFed, "object" | "id">; readonly value: InspectFed };
  /** Sampled. */
  readonly processes: { readonly asks: Pick<ProcessesFed, "of">; readonly value: ProcessesFed };
  readonly events: { readonly asks: object; readonly value: EventsFed };
  readonly volumes: { readonly asks: object; readonly value: VolumesFed };
}

export type FeedKind = keyof FeedTable;

export type Need = { readonly [K in FeedKind]: { readonly kind: K } & FeedTable[K]["asks"] }[FeedKind];

/** What has come so far. */
export type Fed = { readonly [K in FeedKind]?: FeedTable[K]["value"] };

/** One that has come. */
export type FedValue = { readonly [K in FeedKind]: { readonly feed: K; readonly value: FeedTable[K]["value"] } }[FeedKind];

/** The needs of several parts as those of one: ids are put together, a need that is asked twice is one. */
export function mergeNeeds(needs: readonly Need[]): readonly Need[] {
  const merged = new Map<string, Need>();
  for (const need of needs) {
    if (need.kind !== "usage") {
      merged.set(JSON.stringify(need), need);
      continue;
    }
    const before = merged.get("usage");
    const ids = before?.kind === "usage" ? [...new Set([...before.ids, ...need.ids])] : need.ids;
    merged.set("usage", { kind: "usage", ids });
  }
  return [...merged.values()];
}
