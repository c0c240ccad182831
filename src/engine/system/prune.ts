// Use case: removes what a plan names, exactly that. Everything is looked at again before anything goes.

import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { isLive } from "../../container/record.ts";
import { removeTree } from "../../kernel/tree/remove.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { undoOf } from "../../plan/plan.ts";
import { getContainer } from "../../store/container-record.ts";
import { childrenOf, containersOf, hiddenImages, namesOf, tryGetImage, untagImage } from "../../store/image-record.ts";
import { getNetwork } from "../../store/network-record.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import { staleTemporaries } from "../../store/temporary.ts";
import { getVolume, usersOfVolume } from "../../store/volume-record.ts";
import { containerDirectory } from "../container/directory.ts";
import { observeContainer } from "../container/observe.ts";
import { removeContainer } from "../container/remove.ts";
import type { Engine } from "../engine.ts";
import { type EngineEvent, recordEvent } from "../event.ts";
import { collectBlobs, findGarbage } from "../image/collect.ts";
import { deleteImages } from "../image/delete.ts";
import { recordImageEvent } from "../image/event.ts";
import { readImageMounts } from "../image/mounted.ts";
import { planOfNetwork } from "../network/make.ts";
import { removeNetwork } from "../network/remove.ts";
import { planVolumeRemoval, removeVolume } from "../volume/remove.ts";
import type { PrunedVolume, PrunePlan } from "./prune-plan.ts";

export interface Pruned {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** docker's lines: "untagged: NAME", "deleted: ID". */
  readonly images: readonly string[];
  /** What docker tells as reclaimed: files of writable layers and of layers, and compressed layers. */
  readonly bytes: number;
}

/** Shows the plan in a dry run or for --explain; true when that was all. */
export function showPruned(engine: Engine, plan: PrunePlan): boolean {
  if (!engine.mode.dryRun && !engine.mode.explain) return false;
  const tree = (path: string, within: string, because: string): PlannedStep => ({ step: { kind: "tree.remove", path, within }, because });
  const networks = plan.networks.flatMap((name) => {
    const record = getNetwork(engine.store, name);
    const undo = record ? undoOf(planOfNetwork(record.spec)) : [];
    return undo.map((step): PlannedStep => ({ step, because: `network ${name} has no container` }));
  });
  const images = plan.images.flatMap(({ id, names }): PlannedStep[] => [
    ...names.map((name): PlannedStep => ({ step: { kind: "image.untag", name }, because: "no container uses its image" })),
    { step: { kind: "image.remove", id }, because: "no container uses it" },
  ]);
  return engine.show({
    steps: [
      ...plan.containers.map(({ id, name }) =>
        tree(containerDirectory(engine.root, id).path, `${engine.root}/containers`, `container ${name} does not run`),
      ),
      ...networks,
      ...(plan.volumes ?? []).flatMap(({ name }) => planVolumeRemoval(engine, name, "no container uses it")),
      ...images,
      ...plan.files.map(({ path }) => tree(`${engine.root}/${path}`, engine.root, "nothing leads to it then")),
    ],
  });
}

/** Throws TsnsError conflict `plan-outdated` before anything is removed when a thing of the plan is used. What is gone already is no error. */
export async function applyPruned(engine: Engine, plan: PrunePlan): Promise<Pruned> {
  refuseUsed(engine, plan);
  const containers: string[] = [];
  for (const { id } of plan.containers) {
    if (!getContainer(engine.store, id)) continue;
    await removeContainer(engine, id, false, { collect: false });
    containers.push(id);
  }
  const networks: string[] = [];
  for (const name of plan.networks) {
    if (!getNetwork(engine.store, name)) continue;
    await removeNetwork(engine, name);
    networks.push(name);
  }
  const volumes: PrunedVolume[] = [];
  for (const volume of plan.volumes ?? []) {
    if (!getVolume(engine.store, volume.name)) continue;
    await removeVolume(engine, volume.name);
    volumes.push(volume);
  }
  const { images, bytes } = removeImages(engine, plan);
  for (const { id, names } of plan.images) {
    for (const _ of names) recordImageEvent(engine, "untag", { id });
    recordImageEvent(engine, "delete", { id });
  }
  removeFiles(engine, plan);
  const writable = plan.containers.filter(({ id }) => containers.includes(id)).reduce((sum, it) => sum + it.bytes, 0);
  const freed = volumes.reduce((sum, it) => sum + it.bytes, 0);
  recordPrunes(engine, { container: [containers, writable], image: [images, bytes], network: [networks, 0], volume: [volumes, freed] });
  return { containers, networks, volumes: volumes.map(({ name }) => name), images, bytes: writable + freed + bytes };
}

type Removed = readonly [removed: readonly unknown[], bytes: number];

/** docker: one event for each kind, without an object. */
function recordPrunes(engine: Engine, kinds: Readonly<Record<EngineEvent["type"], Removed>>): void {
  for (const [type, [removed, bytes]] of Object.entries(kinds) as [EngineEvent["type"], Removed][]) {
    if (removed.length > 0) recordEvent(engine, { type, action: "prune", id: "", attributes: { reclaimed: `${bytes}` } });
  }
}

/** One transaction: what began to use an image meanwhile keeps all of them. */
function removeImages(engine: Engine, plan: PrunePlan): Pick<Pruned, "images" | "bytes"> {
  if (plan.images.length === 0) return { images: [], bytes: 0 };
  return freeingTransaction(engine.store, engine.root, () => {
    const problem = imageProblem(engine, plan);
    if (problem !== undefined) throw outdated(problem);
    const present = plan.images.flatMap(({ id }) => tryGetImage(engine.store, id) ?? []);
    const names = new Map(present.map(({ id }) => [id, namesOf(engine.store, id)]));
    for (const name of [...names.values()].flat()) untagImage(engine.store, name);
    const { deleted, bytes } = deleteImages(engine, present);
    const images = [...deleted].flatMap(([id, ids]) => [
      ...(names.get(id) ?? []).map((name) => `untagged: ${name}`),
      ...ids.map((it) => `deleted: ${it}`),
    ]);
    return { images, bytes };
  });
}

function removeFiles(engine: Engine, plan: PrunePlan): void {
  const paths = plan.files.map(({ path }) => `${engine.root}/${path}`);
  collectBlobs(engine, { only: new Set(paths), measure: false });
  const stale = new Set(staleTemporaries(engine.root));
  for (const path of paths) if (stale.has(path)) removeTree(path, { within: engine.root });
}

function refuseUsed(engine: Engine, plan: PrunePlan): void {
  const running = plan.containers.find(({ id }) => {
    const record = getContainer(engine.store, id);
    return record && isLive(observeContainer(engine, record));
  });
  if (running) throw outdated(`container ${running.name} runs`);
  const used = new Set(engine.store.all("SELECT DISTINCT network FROM address_lease").map((row) => String(row.network)));
  const network = plan.networks.find((name) => used.has(name));
  if (network !== undefined) throw outdated(`network ${network} has a container`);
  const goes = new Set(plan.containers.map(({ id }) => id));
  for (const { name } of plan.volumes ?? []) {
    const user = usersOfVolume(engine.store, name).find(({ id }) => !goes.has(id));
    if (user) throw outdated(`volume ${name} is used by the container ${user.name}`);
  }
  const problem = imageProblem(engine, plan) ?? fileProblem(engine, plan);
  if (problem !== undefined) throw outdated(problem);
}

function imageProblem(engine: Engine, plan: PrunePlan): string | undefined {
  const containers = new Set(plan.containers.map(({ id }) => id));
  const images = new Set(plan.images.map(({ id }) => id));
  const mountsOf = readImageMounts(engine);
  for (const { id, names } of plan.images) {
    const label = names[0] ?? shortId(id);
    const user = containersOf(engine.store, id).find((it) => !containers.has(it.id));
    if (user) return `image ${label} is used by the container ${user.name}`;
    if (childrenOf(engine.store, id).some((child) => !images.has(child))) return `another image was made from image ${label}`;
    const image = tryGetImage(engine.store, id);
    const [target] = image ? mountsOf(image) : [];
    if (target !== undefined) return `image ${label} was mounted on ${target}`;
    const added = image ? namesOf(engine.store, id).find((name) => !names.includes(name)) : undefined;
    if (added !== undefined) return `image ${label} got the name ${added}`;
  }
  return undefined;
}

function fileProblem(engine: Engine, plan: PrunePlan): string | undefined {
  const users = new Set(plan.containers.map(({ id }) => id));
  // Images that were removed and that only containers of the plan keep go with these.
  const hidden = hiddenImages(engine.store).filter((id) => containersOf(engine.store, id).every((user) => users.has(user.id)));
  const images = new Set([...plan.images.map(({ id }) => id), ...hidden]);
  const free = new Set([...findGarbage(engine, engine.store, images).map(({ path }) => path), ...staleTemporaries(engine.root)]);
  const taken = plan.files.find(({ path }) => !free.has(`${engine.root}/${path}`) && existsSync(`${engine.root}/${path}`));
  return taken && `${taken.path} is used`;
}

function outdated(reason: string): TsnsError {
  return new TsnsError("conflict", "plan-outdated", `nothing was removed: ${reason} meanwhile`, { hint: "look again and make a new plan" });
}
