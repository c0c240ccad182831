// All volumes, again when an event tells of one, with their sizes: measured one after the other in the background, and only while somebody
// looks.
import { sizeSteps } from "../../kernel/tree/size.ts";
import { listVolumeRecords, listVolumeUsers, type VolumeUser } from "../../store/volume-record.ts";
import { localDriver, type VolumeRecord } from "../../volume/spec.ts";
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { parseEvents } from "../event/message.ts";
import { listStored } from "../look.ts";
import { mountpointOf } from "../volume/list.ts";
import { createPace, timerSignal } from "./pace.ts";
import { inSlices } from "./slice.ts";

/** What the files of a volume hold. */
export interface VolumeSize {
  readonly bytes: number;
  /** Directories, files, links and nodes. */
  readonly entries: number;
  readonly measuredMs: number;
}

export interface LiveVolume {
  readonly record: VolumeRecord;
  /** On this machine; empty where only a plug-in knows it. */
  readonly mountpoint: string;
  /** Containers whose Spec mounts it, running or not. */
  readonly users: readonly Pick<VolumeUser, "id" | "name">[];
  /** Absent until it has been measured, and for those that a plug-in keeps. */
  readonly size?: VolumeSize;
}

/** So often at most they are told. */
const leastMs = 100;
/** A volume in use is measured again after a minute, and a long measurement is worth 200 times its time. */
const ageMs = 60_000;
const worth = 200;

interface Measured extends VolumeSize {
  readonly tookMs: number;
  /** Something happened to it since. */
  readonly isStale: boolean;
}

/** By name. */
function readVolumes(engine: Engine, sizes: ReadonlyMap<string, Measured>): readonly LiveVolume[] {
  return listStored(engine, (store) => {
    const users = Map.groupBy(listVolumeUsers(store), ({ volume }) => volume);
    return listVolumeRecords(store).map((record): LiveVolume => {
      const measured = sizes.get(record.name);
      return {
        record,
        mountpoint: record.driver === localDriver ? mountpointOf(engine, record) : "",
        users: (users.get(record.name) ?? []).map(({ id, name }) => ({ id, name })),
        ...(measured ? { size: { bytes: measured.bytes, entries: measured.entries, measuredMs: measured.measuredMs } } : {}),
      };
    });
  });
}

/** The volume to be measured next: one that never was, else of those that are due the one longest ago; undefined when none is. */
export function nextToMeasure(volumes: readonly LiveVolume[], sizes: ReadonlyMap<string, Measured>, nowMs: number): LiveVolume | undefined {
  const sinceMs = ({ record }: LiveVolume) => sizes.get(record.name)?.measuredMs ?? 0;
  const isDue = (volume: LiveVolume): boolean => {
    const size = sizes.get(volume.record.name);
    if (volume.mountpoint === "") return false;
    if (!size || size.isStale) return true;
    return volume.users.length > 0 && nowMs - size.measuredMs >= Math.max(ageMs, worth * size.tookMs);
  };
  return volumes.filter(isDue).toSorted((one, other) => sinceMs(one) - sinceMs(other))[0];
}

/** Events after which the list is another one: all of volumes, and containers that come, go or get a name. */
const containerActions: ReadonlySet<string> = new Set(["create", "destroy", "rename"]);

/** Yields at once, and whenever something has changed, until the signal. */
export async function* watchVolumes(engine: Engine, signal: AbortSignal): AsyncGenerator<readonly LiveVolume[]> {
  using feed = openEventFeed(engine.root);
  const sizes = new Map<string, Measured>();
  const pace = createPace(leastMs);
  let volumes = readVolumes(engine, sizes);
  yield volumes;
  let toldMs = performance.now();
  let isChanged = false;
  while (!signal.aborted) {
    const happened = parseEvents(feed.read());
    for (const { type, action, id } of happened) {
      const size = sizes.get(id);
      if (type === "volume" && size) sizes.set(id, { ...size, isStale: true });
      if (type === "volume" || (type === "container" && containerActions.has(action))) isChanged = true;
    }
    const next = nextToMeasure(volumes, sizes, Date.now());
    if (isChanged && (!next || performance.now() - toldMs >= leastMs)) {
      await pace(signal);
      volumes = readVolumes(engine, sizes);
      isChanged = false;
      yield volumes;
      toldMs = performance.now();
    } else if (next) isChanged = (await measure(next, sizes, signal)) || isChanged;
    else await somethingHappens(feed, signal);
  }
}

/** Until an event, or until a size may be due. */
async function somethingHappens(feed: ReturnType<typeof openEventFeed>, signal: AbortSignal): Promise<void> {
  using due = timerSignal(ageMs / 6);
  await feed.changed(AbortSignal.any([signal, due.signal]));
}

/** True when its size is another one now. */
async function measure({ record, mountpoint }: LiveVolume, sizes: Map<string, Measured>, signal: AbortSignal): Promise<boolean> {
  const startMs = performance.now();
  const size = await inSlices(sizeSteps(mountpoint), signal);
  if (!size) return false;
  const before = sizes.get(record.name);
  const tookMs = performance.now() - startMs;
  sizes.set(record.name, { bytes: size.fileBytes, entries: size.entries, measuredMs: Date.now(), tookMs, isStale: false });
  return before?.bytes !== size.fileBytes || before.entries !== size.entries;
}
