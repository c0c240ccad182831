// What may go: containers that do not run, networks and images that nobody uses, files that nothing leads to. Only looks.

import { shortId } from "../../base/id.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { isLive } from "../../container/record.ts";
import { hostImage } from "../../image/host.ts";
import { measureSize } from "../../kernel/tree/size.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { hiddenImages, listImages, type TaggedImage } from "../../store/image-record.ts";
import { listNetworks } from "../../store/network-record.ts";
import { staleTemporaries } from "../../store/temporary.ts";
import { listVolumeRecords, listVolumeUsers } from "../../store/volume-record.ts";
import { isAnonymous, localDriver } from "../../volume/spec.ts";
import { observeContainer } from "../container/observe.ts";
import { writableBytes } from "../container/size.ts";
import type { Engine } from "../engine.ts";
import { findGarbage } from "../image/collect.ts";
import { bytesOf } from "../image/delete.ts";
import { readImageMounts } from "../image/mounted.ts";
import { isLocked } from "../lock.ts";
import { networkOwner } from "../network/make.ts";
import { volumeBytes } from "../volume/list.ts";
import { parsePruneFilters } from "./prune-filter.ts";
import type { PrunedContainer, PrunedImage, PrunedVolume, PrunePlan } from "./prune-plan.ts";

export interface PruneRequest {
  readonly containers?: boolean;
  readonly networks?: boolean;
  /** As docker: those without a name, or all, that no container mounts. */
  readonly volumes?: "anonymous" | "all";
  /** "dangling": without a tag; "all": also those that only have no container. */
  readonly images?: "dangling" | "all";
  readonly filters?: readonly string[];
  /** Told of each image that stays only because it is mounted. */
  readonly onKept?: (reason: string) => void;
}

type Wanted = ReturnType<typeof parsePruneFilters>;

/** Throws TsnsError invalid `bad-filter`. */
export function choosePruned(engine: Engine, request: PruneRequest): PrunePlan {
  const nowMs = Date.now();
  const wanted = parsePruneFilters(request.filters ?? [], nowMs);
  const records = listContainerRecords(engine.store);
  const containers = request.containers ? chooseContainers(engine, records, wanted) : [];
  const gone = new Set(containers.map(({ id }) => id));
  const left = records.filter(({ id }) => !gone.has(id));
  const volumes = request.volumes ? chooseVolumes(engine, request.volumes, { wanted, gone }) : [];
  const users = new Set(left.map(({ spec }) => spec.imageId));
  const images = request.images ? chooseImages(engine, request.images, { users, wanted, onKept: request.onKept }) : [];
  // An image that was removed by force goes with its last container.
  const freed = new Set([...images.map(({ id }) => id), ...hiddenImages(engine.store).filter((id) => !users.has(id))]);
  const files = chooseFiles(engine, freed, request.images !== undefined);
  return {
    version: 1,
    root: engine.root,
    created: new Date(nowMs).toISOString(),
    containers,
    networks: request.networks ? chooseNetworks(engine, wanted) : [],
    ...(request.volumes ? { volumes } : {}),
    images,
    files,
    reclaimedBytes:
      containers.reduce((sum, { bytes }) => sum + bytes, 0) + bytesOf(engine, freed) + volumes.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function chooseContainers(engine: Engine, records: readonly ContainerRecord[], wanted: Wanted): PrunedContainer[] {
  return records
    .filter(({ createdMs, spec }) => wanted({ createdMs, labels: spec.labels }))
    .filter((record) => !isLocked(engine, record.id))
    .filter((record) => !isLive(observeContainer(engine, record)))
    .map(({ id, name }) => ({ id, name, bytes: writableBytes(engine, id) }));
}

/** As docker: a network is used while a container that runs is in it; the default one stays, and so do settings for other networks. */
function chooseNetworks(engine: Engine, wanted: Wanted): string[] {
  const used = new Set(engine.store.all("SELECT DISTINCT network FROM address_lease").map((row) => String(row.network)));
  return listNetworks(engine.store)
    .filter(({ createdMs, spec }) => wanted({ createdMs, labels: spec.labels ?? {} }))
    .filter(
      ({ spec, pending }) =>
        spec.name !== "bridge" && !spec.configOnly && pending === undefined && !spec.configOnly && !used.has(spec.name),
    )
    .filter(({ spec }) => !isLocked(engine, networkOwner(spec.name)))
    .map(({ spec }) => spec.name);
}

/** Used by none but containers that go as well (`gone`). A plug-in's volumes are its own to prune. */
function chooseVolumes(
  engine: Engine,
  which: "anonymous" | "all",
  { wanted, gone }: { readonly wanted: Wanted; readonly gone: ReadonlySet<string> },
): PrunedVolume[] {
  const used = new Set(listVolumeUsers(engine.store).flatMap(({ id, volume }) => (gone.has(id) ? [] : [volume])));
  return listVolumeRecords(engine.store)
    .filter((record) => record.driver === localDriver && !used.has(record.name))
    .filter((record) => which === "all" || isAnonymous(record))
    .filter(({ createdMs, labels }) => wanted({ createdMs, labels }))
    .map(({ name }) => ({ name, bytes: volumeBytes(engine, name) }));
}

interface ImageChoice {
  readonly users: ReadonlySet<string>;
  readonly wanted: Wanted;
  readonly onKept: PruneRequest["onKept"];
}

/** Images that nobody uses, then their parents as far as nobody else needs these. */
function chooseImages(engine: Engine, which: "dangling" | "all", { users, wanted, onKept }: ImageChoice): PrunedImage[] {
  const mountsOf = readImageMounts(engine);
  const kept = new Map<string, string>();
  const all = listImages(engine.store).filter(({ image }) => image.id !== hostImage.id);
  const children = new Map<string, string[]>();
  for (const { image, parent } of all) if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), image.id]);
  const gone = new Set<string>();
  const chosen: PrunedImage[] = [];
  const isUnused = ({ image, names }: TaggedImage): boolean => {
    if (users.has(image.id) || (children.get(image.id) ?? []).some((id) => !gone.has(id))) return false;
    if (names.length === 0 && children.has(image.id)) return true;
    const isAsked = which === "all" || names.every((name) => name.includes("@"));
    return isAsked && wanted({ createdMs: image.createdMs, labels: image.config.labels });
  };
  for (let found = true; found; ) {
    found = false;
    for (const entry of all) {
      if (gone.has(entry.image.id) || kept.has(entry.image.id) || !isUnused(entry)) continue;
      const [target] = mountsOf(entry.image);
      if (target !== undefined) {
        kept.set(entry.image.id, `image ${entry.names[0] ?? shortId(entry.image.id)} is not removed: it is mounted on ${target}`);
        continue;
      }
      gone.add(entry.image.id);
      chosen.push({ id: entry.image.id, names: entry.names });
      found = true;
    }
  }
  for (const reason of kept.values()) onKept?.(reason);
  return chosen;
}

/** `everything`: also what is garbage already. */
function chooseFiles(engine: Engine, images: ReadonlySet<string>, everything: boolean): PrunePlan["files"] {
  const present = everything ? new Set<string>() : new Set(findGarbage(engine).map(({ path }) => path));
  const paths = findGarbage(engine, engine.store, images).map(({ path }) => path);
  const stale = everything ? staleTemporaries(engine.root) : [];
  return [...paths.filter((path) => !present.has(path)), ...stale].map((path) => ({
    path: path.slice(engine.root.length + 1),
    bytes: measureSize(path).diskBytes,
  }));
}
