// Containers as they are now, for every command that shows them.

import type { ContainerRecord } from "../../container/record.ts";
import { isLive } from "../../container/record.ts";
import { renderPlatform } from "../../image/platform.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { tryGetImage } from "../../store/image-record.ts";
import { listJournalOwners } from "../../store/journal.ts";
import { matchNetworks } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { platformOf } from "../image/platform.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { containerDirectoryNames, repairAll } from "./repair.ts";

/** All containers, newest first, after repairing what a killed command left behind. */
export async function listContainers(engine: Engine): Promise<Observation[]> {
  // Opened first: it says what is missing, privilege for instance.
  const { store } = engine;
  const directories = containerDirectoryNames(engine);
  const observed = observeAll(engine);
  const running = new Set(observed.filter(isLive).map(({ record }) => record.id));
  const known = new Set(observed.map(({ record }) => record.id));
  const cutOff = observed.filter(({ status, record }) => status === "exited" && record.exit?.restartDue).map(({ record }) => record.id);
  const journalled = listJournalOwners(store).filter((owner) => !owner.includes(":") && !running.has(owner));
  const ended = [...new Set([...journalled, ...cutOff])];
  const orphans = directories.filter((name) => !known.has(name));
  if (ended.length === 0 && orphans.length === 0) return observed;
  await repairAll(engine, { ended, orphans });
  return observeAll(engine);
}

/** The name of a network by its name, its id or the start of exactly one. */
export function nameOfNetwork(engine: Engine, reference: string): string | undefined {
  const [only, another] = matchNetworks(engine.store, reference);
  return another ? undefined : only?.spec.name;
}

/** What its image is for, `linux/amd64`; empty when the image is gone. */
export function platformOfContainer(engine: Engine, { spec }: ContainerRecord): string {
  const image = tryGetImage(engine.store, spec.imageId);
  return image ? renderPlatform(platformOf(image)) : "";
}

function observeAll(engine: Engine): Observation[] {
  return listContainerRecords(engine.store).map((record) => observeContainer(engine, record));
}
