// What the screen needs to know just now, and what it is told: parts say what they show, and only that is watched or sampled.
import type { ContainerState } from "../../src/container/record.ts";
import type { LogPlace } from "../../src/engine/container/log/file.ts";
import type { LineMark, WholeLine } from "../../src/engine/container/log/whole.ts";
import type { EventMessage } from "../../src/engine/event/message.ts";
import type { LiveBridge } from "../../src/engine/live/bridge.ts";
import type { LiveChanges } from "../../src/engine/live/change.ts";
import type { ExposedPort } from "../../src/engine/live/exposure.ts";
import type { HostState } from "../../src/engine/live/host.ts";
import type { LiveImage } from "../../src/engine/live/image.ts";
import type { ImageContent, ImageStep } from "../../src/engine/live/image-content.ts";
import type { InspectDocument, InspectedKind } from "../../src/engine/live/inspect.ts";
import type { LinkTraffics } from "../../src/engine/live/link-rate.ts";
import type { LogAsks, LogBoard } from "../../src/engine/live/log-asks.ts";
import type { LiveMountRow } from "../../src/engine/live/mount.ts";
import type { LiveNetworks } from "../../src/engine/live/network.ts";
import type { AskedPort, PacketPath } from "../../src/engine/live/path.ts";
import type { ProcessBoard } from "../../src/engine/live/process.ts";
import type { UsageBoard } from "../../src/engine/live/usage.ts";
import type { LiveVolume } from "../../src/engine/live/volume.ts";
import type { LiveWhy } from "../../src/engine/live/why.ts";
import type { LayerCounts } from "../../src/layer/contribution.ts";

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

/** All images, newest first. */
export interface ImagesFed {
  readonly images: readonly LiveImage[];
}

/** How images came to be, newest step first, by their ids. */
export interface StepsFed {
  readonly steps: ReadonlyMap<string, readonly ImageStep[]>;
}

export interface ContentFed {
  /** As far as it has been looked into. */
  readonly content: ImageContent;
  /** What each layer did, lowest first, of all images that were looked into, by their ids. */
  readonly counts: ReadonlyMap<string, readonly LayerCounts[]>;
}

/** What passes, by the names of links. */
export interface TrafficFed {
  readonly links: LinkTraffics;
}

/** Without a bridge there is none of that name. */
export interface BridgeFed {
  readonly name: string;
  readonly bridge: LiveBridge | undefined;
}

/** Who reaches the open ports; `error`: why that cannot be said. */
export interface ExposureFed {
  readonly networks: readonly string[];
  readonly ports: readonly ExposedPort[];
  readonly error?: string;
}

/** Mounts of a container; none where it is not there any more. */
export interface MountsFed {
  readonly id: string;
  readonly rows: readonly LiveMountRow[];
}

/** Why a container is as it is; absent where it is not there any more. */
export interface WhyFed {
  readonly id: string;
  readonly why: LiveWhy | undefined;
}

/** What a container has changed of its image; `round`: another one asks for another walk. */
export interface ChangesFed {
  readonly id: string;
  readonly round: number;
  readonly changes: LiveChanges;
}

/** Ways of a packet to a published port; `round`: another one asks for another trace. */
export interface PathFed {
  readonly id: string;
  readonly port: AskedPort;
  readonly round: string;
  /** Those that have been followed by now. */
  readonly paths: readonly PacketPath[];
  readonly atMs: number;
}

/** One line of a log, all of it; without a line it is not kept any more. */
export interface LogLineFed {
  readonly id: string;
  readonly at: LogPlace;
  readonly line: WholeLine | undefined;
}

/** Of each kind of need: what it names, and the value that comes for it, again and again, whole each time. */
export interface FeedTable {
  /** Lines that containers wrote, around where somebody looks. */
  readonly logs: { readonly asks: LogAsks; readonly value: LogBoard };
  readonly logLine: { readonly asks: { readonly id: string } & LineMark; readonly value: LogLineFed };
  /** Whether something of this name is there. */
  readonly file: { readonly asks: { readonly path: string }; readonly value: { readonly path: string; readonly isThere: boolean } };
  /** All containers, newest first. */
  readonly containers: { readonly asks: object; readonly value: ContainersFed };
  /** Use of these containers, sampled. */
  readonly usage: { readonly asks: { readonly ids: readonly string[] }; readonly value: UsageBoard };
  /** The machine, sampled. */
  readonly host: { readonly asks: object; readonly value: HostState };
  readonly inspect: { readonly asks: Pick<InspectFed, "object" | "id">; readonly value: InspectFed };
  readonly mounts: { readonly asks: Pick<MountsFed, "id">; readonly value: MountsFed };
  readonly why: { readonly asks: Pick<WhyFed, "id">; readonly value: WhyFed };
  readonly changes: { readonly asks: Pick<ChangesFed, "id" | "round">; readonly value: ChangesFed };
  readonly path: { readonly asks: Pick<PathFed, "id" | "port" | "round">; readonly value: PathFed };
  /** Sampled. */
  readonly processes: { readonly asks: Pick<ProcessesFed, "of">; readonly value: ProcessesFed };
  readonly events: { readonly asks: object; readonly value: EventsFed };
  readonly volumes: { readonly asks: object; readonly value: VolumesFed };
  readonly images: { readonly asks: object; readonly value: ImagesFed };
  readonly steps: { readonly asks: { readonly images: readonly string[] }; readonly value: StepsFed };
  /** What the layers of this image hold. */
  readonly content: { readonly asks: { readonly image: string }; readonly value: ContentFed };
  readonly networks: { readonly asks: object; readonly value: LiveNetworks };
  /** Counters of these links, sampled. */
  readonly traffic: { readonly asks: { readonly links: readonly string[] }; readonly value: TrafficFed };
  readonly bridge: { readonly asks: { readonly name: string }; readonly value: BridgeFed };
  /** Looked from these networks too; `moment`: asked again when it is another one. */
  readonly exposure: {
    readonly asks: { readonly networks: readonly string[]; readonly moment: string };
    readonly value: ExposureFed;
  };
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
