// Use case: makes a volume, by itself or for a container that is being made.
import { newId } from "../../base/id.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { getVolume, insertVolume } from "../../store/volume-record.ts";
import { anonymousLabel, localDriver, type VolumeRecord, type VolumeRequest, validateVolume } from "../../volume/spec.ts";
import type { Engine } from "../engine.ts";
import { recordEvent } from "../event.ts";
import { volumeDirectory } from "./directory.ts";
import { refuseOther, takeKnown } from "./store.ts";

/** Bits of its directory when it is new; the image's content brings others. */
const directoryMode = 0o755;

/** The record a request leads to; an anonymous one gets its name and docker's mark here. */
function designVolume({ name, driver, labels, options }: VolumeRequest): VolumeRecord {
  const marked = name === undefined ? { ...labels, [anonymousLabel]: "" } : labels;
  return { name: name ?? newId(), createdMs: Date.now(), driver, labels: marked, options };
}

/** The steps that make a volume; those that make its directory may be repeated. */
export function planVolume(engine: Engine, { name, driver }: VolumeRecord, isNew: boolean): PlannedStep[] {
  const put: PlannedStep = { step: { kind: "volume.put", name, driver }, because: `volume ${name} is new` };
  const make: PlannedStep = {
    step: { kind: "directory.create", path: volumeDirectory(engine.root, name).data, mode: directoryMode },
    because: `the files of volume ${name}`,
  };
  return [...(isNew ? [put] : []), make];
}

/** The volume's record, as it is when there is one of that name already; of a dry run what it would be. Throws invalid, conflict `volume-exists`. */
export async function createVolume(engine: Engine, request: VolumeRequest): Promise<VolumeRecord> {
  validateVolume(request);
  const address = request.driver === localDriver ? undefined : await driverAddress(request);
  const record = designVolume(request);
  const known = getVolume(engine.store, record.name);
  if (known) takeKnown(engine, known, request);
  const steps = planVolume(engine, record, !known);
  if (engine.show({ steps })) return known ?? record;
  if (address !== undefined)
    await (await import("../../kernel/volume/plugin.ts")).ensureForeign(record.driver, address, record.name, record.options);
  const made = engine.store.transaction(() => storeVolume(engine, record, request));
  await engine.apply({ steps: steps.filter(({ step }) => step.kind !== "volume.put") });
  if (made.isNew) recordVolumeEvent(engine, made.record, "create");
  return made.record;
}

/** Call inside a transaction. One of the name that is there already is taken, if it is what was asked for. */
function storeVolume(
  engine: Engine,
  record: VolumeRecord,
  request: VolumeRequest,
): { readonly record: VolumeRecord; readonly isNew: boolean } {
  if (insertVolume(engine.store, record)) return { record, isNew: true };
  const known = getVolume(engine.store, record.name) ?? record;
  refuseOther(known, request);
  return { record: known, isNew: false };
}

/** Throws not-found. */
async function driverAddress({ name = "volume", driver }: VolumeRequest): Promise<string> {
  return (await import("../../kernel/volume/plugin.ts")).requireDriver(driver, `create ${name}`);
}

export function recordVolumeEvent(
  engine: Engine,
  { name, driver }: VolumeRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  recordEvent(engine, { type: "volume", action, id: name, attributes: { driver, ...more } });
}
