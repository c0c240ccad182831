// Use case: every byte under the data root, by what it is for; what nothing accounts for is named. Counts disk blocks, as du(1) does.
import { lstatSync } from "node:fs";
import { basename } from "node:path";
import { isRunning } from "../../kernel/proc/identity.ts";
import { measureSize } from "../../kernel/tree/size.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { layerPath } from "../../store/layer.ts";
import { type Reachable, readReachable } from "../../store/reachable.ts";
import { staleTemporaries } from "../../store/temporary.ts";
import { listVolumeRecords } from "../../store/volume-record.ts";
import type { Engine } from "../engine.ts";
import { namesIn } from "../image/collect.ts";
import { hasStore } from "../look.ts";

export interface Account {
  readonly kind: string;
  /** Files, directories, links and nodes. */
  readonly entries: number;
  /** Allocated on disk. */
  readonly bytes: number;
  /** Whether `tsns system prune` or `tsns doctor --fix` takes it. */
  readonly isReclaimable: boolean;
}

export interface Reconciliation {
  readonly accounts: readonly Account[];
  /** Disk bytes of the whole data root, measured on its own: what du(1) says. */
  readonly totalBytes: number;
  /** Of `unattributed`, and of what changed between the two measurements. */
  readonly unattributedBytes: number;
  /** Paths that are nothing of tsns's. */
  readonly unattributed: readonly string[];
}

/** One path and what it is; undefined: nothing of ours. `alone`: the directory without what is in it. */
interface Part {
  readonly path: string;
  readonly kind?: string;
  readonly isReclaimable?: boolean;
  readonly alone?: boolean;
}

export function reconcile(engine: Engine): Reconciliation {
  const totalBytes = measureSize(engine.root).diskBytes;
  const linked = new Set<number>();
  const accounts = new Map<string, Account>();
  const unattributed: string[] = [];
  let counted = 0;
  const device = lstatSync(engine.root, { throwIfNoEntry: false })?.dev;
  for (const { path, kind, isReclaimable = false, alone } of partsOf(engine)) {
    // What is mounted there lies elsewhere: neither measurement counts it.
    if (lstatSync(path, { throwIfNoEntry: false })?.dev !== device) continue;
    const { entries, diskBytes } = alone ? sizeOfEntry(path) : measureSize(path, linked);
    if (kind === undefined) {
      unattributed.push(path);
      continue;
    }
    const sum = accounts.get(kind) ?? { kind, entries: 0, bytes: 0, isReclaimable };
    accounts.set(kind, { ...sum, entries: sum.entries + entries, bytes: sum.bytes + diskBytes });
    counted += diskBytes;
  }
  return { accounts: [...accounts.values()], totalBytes, unattributedBytes: totalBytes - counted, unattributed };
}

function sizeOfEntry(path: string): { readonly entries: number; readonly diskBytes: number } {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat ? { entries: 1, diskBytes: stat.blocks * 512 } : { entries: 0, diskBytes: 0 };
}

const databaseFiles = ["store.db", "store.db-wal", "store.db-shm"];
const eventFiles = ["events", "events.1"];
/** What an administrator puts there (unpack-limit.ts, registry settings). */
const settingFiles = ["unpack-limit", "registries.json"];

function partsOf(engine: Engine): readonly Part[] {
  const { root } = engine;
  if (!hasStore(engine)) return namesIn(root).map((name) => ({ path: `${root}/${name}` }));
  const reachable = readReachable(engine.store, isRunning);
  const directory = (path: string): Part => ({ path, kind: "directories", alone: true });
  const byName: Readonly<Record<string, (path: string) => readonly Part[]>> = {
    blobs: (path) => [directory(path), ...namesIn(path).flatMap((name) => partsOfBlobs(`${path}/${name}`, name, reachable))],
    layers: (path) => [directory(path), ...partsOfLayers(engine, path, reachable)],
    containers: (path) => [directory(path), ...partsOfContainers(engine, path)],
    tmp: (path) => [directory(path), ...partsOfTemporary(engine, path)],
    volumes: (path) => [directory(path), ...partsOfVolumes(engine, path)],
    mounts: (path) => [directory(path), ...namesIn(path).map((name): Part => ({ path: `${path}/${name}`, kind: "mounts of images" }))],
    reserve: (path) => [{ path, kind: "reserve for a full disk" }],
  };
  return [
    directory(root),
    ...namesIn(root).flatMap((name): readonly Part[] => {
      const path = `${root}/${name}`;
      if (databaseFiles.includes(name)) return [{ path, kind: "database" }];
      if (eventFiles.includes(name)) return [{ path, kind: "events" }];
      if (name === "names") return [{ path, kind: "name server" }];
      if (settingFiles.includes(name)) return [{ path, kind: "settings" }];
      return Object.hasOwn(byName, name) ? (byName[name]?.(path) ?? []) : [{ path }];
    }),
  ];
}

function partsOfBlobs(path: string, name: string, { blobs }: Reachable): readonly Part[] {
  if (name !== "sha256") return [{ path }];
  const files = namesIn(path).map((hex): Part => {
    if (!/^[0-9a-f]{64}$/.test(hex)) return { path: `${path}/${hex}` };
    const use = blobs.get(`sha256:${hex}`);
    return { path: `${path}/${hex}`, kind: use === undefined ? "blobs of nothing" : `blobs: ${use}`, isReclaimable: use === undefined };
  });
  return [{ path, kind: "directories", alone: true }, ...files];
}

function partsOfLayers(engine: Engine, path: string, { layers }: Reachable): readonly Part[] {
  const wanted = new Set([...layers].map((diffId) => basename(layerPath(engine.root, diffId))));
  return namesIn(path).map((name): Part => {
    const [, layer, suffix] = /^([0-9a-f]{32})(\.recipe|\.displaced)?$/.exec(name) ?? [];
    if (layer === undefined) return { path: `${path}/${name}` };
    if (!wanted.has(layer)) return { path: `${path}/${name}`, kind: "layers of nothing", isReclaimable: true };
    return { path: `${path}/${name}`, kind: suffix === undefined ? "layers: unpacked" : "layers: how to write them again" };
  });
}

function partsOfContainers(engine: Engine, path: string): readonly Part[] {
  const known = new Set(listContainerRecords(engine.store).map(({ id }) => id));
  return namesIn(path).flatMap((id): readonly Part[] => {
    const directory = `${path}/${id}`;
    if (!/^[0-9a-f]{64}$/.test(id)) return [{ path: directory }];
    if (!known.has(id)) return [{ path: directory, kind: "containers: left over", isReclaimable: true }];
    return [
      { path: directory, kind: "directories", alone: true },
      ...namesIn(directory).map((name) => partOfContainer(`${directory}/${name}`, id, name)),
    ];
  });
}

/** A container's directory is tsns's alone: what is neither layer nor log are the files of its run. */
function partOfContainer(path: string, id: string, name: string): Part {
  if (["upper", "work", "upper.ext4", "layer"].includes(name)) return { path, kind: "containers: writable layers" };
  return {
    path,
    kind: name.startsWith(`${id}-json.log`) || name.startsWith(`${id}-local.log`) ? "containers: logs" : "containers: files of their runs",
  };
}

/** Files without a record are somebody's all the same: `volume create NAME` takes them up again, nothing removes them. */
function partsOfVolumes(engine: Engine, path: string): readonly Part[] {
  const known = new Set(listVolumeRecords(engine.store).map(({ name }) => name));
  return namesIn(path).map((name): Part => ({ path: `${path}/${name}`, kind: known.has(name) ? "volumes" : "volumes without a record" }));
}

function partsOfTemporary(engine: Engine, path: string): readonly Part[] {
  const stale = new Set(staleTemporaries(engine.root));
  return namesIn(path).map((name): Part => {
    const file = `${path}/${name}`;
    if (stale.has(file)) return { path: file, kind: "unfinished work: left over", isReclaimable: true };
    return /^\d+-\d+-/.test(name) ? { path: file, kind: "unfinished work" } : { path: file };
  });
}
