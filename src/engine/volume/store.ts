// The rows of a container's volumes. Small: every start leads here.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { VolumeMount } from "../../container/spec/storage.ts";
import { getVolume, insertVolume } from "../../store/volume-record.ts";
import { anonymousLabel, conflictOf, keepsLabels, localDriver, type VolumeRecord, type VolumeRequest } from "../../volume/spec.ts";
import type { Engine } from "../engine.ts";

/** Who holds the lock of a volume. */
export const volumeOwner = (name: string): string => `volume:${name}`;

export const mountsVolumes = ({ spec }: ContainerRecord): boolean => spec.mounts.some(({ type }) => type === "volume");

/** Each volume once, with its shortest path: its content is what the image has on that one. */
export function volumesOf({ spec }: ContainerRecord): VolumeMount[] {
  const mounts = spec.mounts.flatMap((mount) => (mount.type === "volume" ? [mount] : []));
  const sorted = [...mounts].sort((one, other) => one.target.length - other.target.length);
  return sorted.filter((mount, at) => sorted.findIndex(({ name }) => name === mount.name) === at);
}

/** What a mount asks of a volume that is made for it. */
export function requestOf(mount: VolumeMount): VolumeRequest & { readonly name: string } {
  const { name, driver = localDriver, driverOptions = {}, labels = {}, anonymous } = mount;
  return { name, driver, options: driverOptions, labels: anonymous ? { ...labels, [anonymousLabel]: "" } : labels };
}

/** Call inside the transaction that stores the container: from then on nobody removes its volumes. Throws conflict `volume-exists`. */
export function storeVolumes(engine: Engine, container: ContainerRecord): void {
  for (const mount of volumesOf(container)) {
    const request = requestOf(mount);
    if (!insertVolume(engine.store, { ...request, createdMs: Date.now() })) {
      const known = getVolume(engine.store, mount.name);
      if (known && !mount.anonymous) takeKnown(engine, known, request);
    }
  }
}

/** What was asked for of a volume that is there already: labels it does not have are told. */
export function takeKnown(engine: Engine, known: VolumeRecord, request: VolumeRequest): void {
  refuseOther(known, request);
  if (keepsLabels(known, request)) engine.warn(`volume ${known.name} is there already and keeps its own labels`);
}

/** Throws conflict when a volume that is there is not what was asked for. */
export function refuseOther(known: VolumeRecord, request: VolumeRequest): void {
  const conflict = conflictOf(known, request);
  if (conflict === undefined) return;
  throw new TsnsError("conflict", "volume-exists", `create ${known.name}: a volume of that name is there already, and ${conflict}`, {
    hint: `choose another name, or remove it: tsns volume rm ${known.name}`,
  });
}
