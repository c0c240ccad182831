// The volumes of a container before it starts: they get their rows with the container, their directories and the image's content before
// it runs. What a killed command has not finished, the next start finishes.
import { chownSync, existsSync, lstatSync, statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { VolumeMount } from "../../container/spec/storage.ts";
import { hostImage } from "../../image/host.ts";
import { findInStack } from "../../kernel/layer/subtree.ts";
import { readMountPointsBelow } from "../../kernel/tree/mount-id.ts";
import { toByteString, toText } from "../../kernel/tree/path.ts";
import { filledName, isEmptyVolume, moveFilled } from "../../kernel/volume/fill.ts";
import { isMounted } from "../../kernel/volume/mount.ts";
import { ensureForeign, requireDriver } from "../../kernel/volume/plugin.ts";
import { type Plan, type PlannedStep, undoOf } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import { getImage } from "../../store/image-record.ts";
import { deleteJournal, writeJournal } from "../../store/journal.ts";
import { layerDirectories } from "../../store/layer.ts";
import { getVolume } from "../../store/volume-record.ts";
import { deviceOf, hostOfDevice, withAddress } from "../../volume/device.ts";
import { localDriver, type VolumeRecord, validateVolume } from "../../volume/spec.ts";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { planVolume, recordVolumeEvent } from "./create.ts";
import { volumeDirectory } from "./directory.ts";
import { refuseOther, requestOf, volumeOwner, volumesOf } from "./store.ts";

export interface PreparedVolumes {
  readonly plan: Plan;
  /** After the container and its volumes have been stored. */
  make(options: { readonly starting: boolean }): Promise<void>;
}

/** One volume that is mounted, on however many paths. */
interface Use {
  readonly record: VolumeRecord;
  readonly isNew: boolean;
  readonly steps: readonly PlannedStep[];
}

/** Throws TsnsError for what cannot be mounted. Changes nothing. */
export function prepareVolumes(engine: Engine, container: ContainerRecord): PreparedVolumes {
  const image = getImage(engine.store, container.spec.imageId);
  const lower = image.id === hostImage.id ? ["/"] : layerDirectories(engine.root, image);
  const uses = volumesOf(container).map((mount) => planUse(engine, container, mount, lower));
  return {
    plan: { steps: uses.flatMap(({ steps }) => steps) },
    async make({ starting }) {
      for (const use of uses)
        await withLock(engine, volumeOwner(use.record.name), "volume fill", () => makeUse(engine, container, use, starting));
      if (starting) tellMounted(engine, container, uses);
    },
  };
}

function planUse(engine: Engine, container: ContainerRecord, mount: VolumeMount, lower: readonly string[]): Use {
  const request = requestOf(mount);
  validateVolume(request);
  const known = getVolume(engine.store, mount.name);
  if (known && !mount.anonymous) refuseOther(known, request);
  const record = known ?? { ...request, createdMs: Date.now() };
  const device = planDevice(engine, record, container.id);
  const fill = planFill(engine, container, mount, { lower, isDevice: device.length > 0 });
  return { record, isNew: !known, steps: [...planVolume(engine, record, !known), ...device, ...fill] };
}

/** A device is mounted while containers use it. */
export function planDevice(engine: Engine, record: VolumeRecord, user: string): PlannedStep[] {
  if (record.driver !== localDriver) return [planForeign(engine, record, user)];
  const device = deviceOf(record);
  if (!device) return [];
  const { data } = volumeDirectory(engine.root, record.name);
  return [
    {
      step: { kind: "volume.mount", name: record.name, ...device, data },
      because: `volume ${record.name} is mounted while containers use it`,
      undo: { kind: "mount.remove", target: data, lazy: false },
    },
  ];
}

/** `user`: the container that mounts it first. */
function planForeign(engine: Engine, { name, driver, options }: VolumeRecord, user: string): PlannedStep {
  const { data } = volumeDirectory(engine.root, name);
  const address = requireDriver(driver, `create ${name}`);
  return {
    step: { kind: "plugin.mount", name, driver, address, options, id: user, data },
    because: `the plug-in ${driver} keeps volume ${name}`,
    undo: { kind: "plugin.unmount", name, driver, address, id: user, data },
  };
}

/** Before the first run alone, as docker does it when the container is made. */
function planFill(engine: Engine, container: ContainerRecord, mount: VolumeMount, { lower, isDevice }: FillSource): PlannedStep[] {
  const { path, data } = volumeDirectory(engine.root, mount.name);
  if (container.run || !isEmptyVolume(data)) return [];
  const { upper } = containerDirectory(engine.root, container.id);
  const layers = existsSync(upper) ? [upper, ...lower] : lower;
  const place = findInStack(layers, mount.target);
  if (place?.type === "other")
    throw new TsnsError("invalid", "volume-over-file", `cannot mount volume over existing file, file exists ${mount.target}`, {
      hint: "mount it on a directory, or on a path that is not there",
      exitCode: 125,
    });
  if (!place || mount.noCopy || mount.subpath !== undefined || place.path === "") return [];
  if (lower[0] === "/" && isMountedOver(`/${toText(place.path)}`, mount)) return [];
  const { uid = 0, gid = 0 } = container.spec.userNamespace ?? {};
  return [
    {
      step: {
        kind: "volume.fill",
        name: mount.name,
        layers,
        source: toText(place.path),
        data,
        stage: isDevice ? data : path,
        uidShift: uid,
        gidShift: gid,
      },
      because: `an empty volume gets what the image has on ${mount.target}`,
    },
  ];
}

/** The host image is this machine's root file system alone: what is mounted on it is not in it. Throws for mounts further below. */
function isMountedOver(path: string, { target }: VolumeMount): boolean {
  const real = toByteString(path);
  const points = readMountPointsBelow(path);
  if (points.some((point) => point.path === real) || lstatSync(path).dev !== lstatSync("/").dev) return true;
  const [below] = points;
  if (!below) return false;
  throw new TsnsError(
    "unsupported",
    "mounts-below",
    `the content of ${target} is not copied to a volume: ${toText(below.path)} is a mount`,
    {
      hint: "leave the volume empty: -v NAME:/PATH:nocopy",
      exitCode: 125,
    },
  );
}

interface FillSource {
  /** The image's layers, uppermost first. */
  readonly lower: readonly string[];
  readonly isDevice: boolean;
}

async function makeUse(engine: Engine, { spec }: ContainerRecord, { record, isNew, steps }: Use, starting: boolean): Promise<void> {
  const { path, data } = volumeDirectory(engine.root, record.name);
  const isFresh = !existsSync(data);
  const ofKind = (kind: Step["kind"]) => ({ steps: steps.filter(({ step }) => step.kind === kind) });
  await engine.apply(ofKind("directory.create"));
  if (isNew) recordVolumeEvent(engine, record, "create");
  if (existsSync(`${path}/${filledName}`)) moveFilled(path, data);
  if (isFresh) giveToRoot(data, spec.userNamespace);
  const mounts = { steps: [...ofKind("volume.mount").steps, ...ofKind("plugin.mount").steps] };
  if (record.driver !== localDriver && !starting) await ensureForeignVolume(record);
  if (mounts.steps.length > 0 && !starting) return;
  if (mounts.steps.length > 0) await mountOnce(engine, record, mounts);
  await engine.apply(ofKind("volume.fill"));
}

/** docker's attributes of each mount. */
function tellMounted(engine: Engine, { id, spec }: ContainerRecord, uses: readonly Use[]): void {
  for (const mount of spec.mounts) {
    const use = mount.type === "volume" ? uses.find(({ record }) => record.name === mount.name) : undefined;
    if (mount.type !== "volume" || !use) continue;
    recordVolumeEvent(engine, use.record, "mount", {
      container: id,
      destination: mount.target,
      propagation: "",
      "read/write": `${!mount.readOnly}`,
    });
  }
}

/** As docker does it when the container is made. */
async function ensureForeignVolume({ name, driver, options }: VolumeRecord): Promise<void> {
  await ensureForeign(driver, requireDriver(driver, `create ${name}`), name, options);
}

/** The first container that uses it mounts it. In the journal until it is unmounted, for a kill between. */
export async function mountOnce(engine: Engine, record: VolumeRecord, plan: Plan): Promise<void> {
  if (isMounted(volumeDirectory(engine.root, record.name).data)) return;
  const owner = volumeOwner(record.name);
  writeJournal(engine.store, owner, undoOf(plan));
  try {
    await engine.apply({ steps: await Promise.all(plan.steps.map(resolveHost)) });
  } catch (error) {
    deleteJournal(engine.store, owner);
    throw error;
  }
}

/** mount(2) of a network file system takes an address where people write a name. */
async function resolveHost(planned: PlannedStep): Promise<PlannedStep> {
  const { step } = planned;
  const host = step.kind === "volume.mount" ? hostOfDevice(step) : undefined;
  if (step.kind !== "volume.mount" || host === undefined) return planned;
  const { lookup } = await import("node:dns/promises");
  try {
    const { address } = await lookup(host);
    return { ...planned, step: { ...step, options: withAddress(step.options, host, address) } };
  } catch (error) {
    throw new TsnsError("unavailable", "no-such-host", `volume ${step.name}: the address of ${host} cannot be found`, {
      hint: "write addr= with an address",
      cause: error,
      exitCode: 125,
    });
  }
}

/** Who is root in the container owns a new volume. */
function giveToRoot(data: string, owner: { readonly uid: number; readonly gid: number } | undefined): void {
  if (!owner || statSync(data).uid !== 0) return;
  chownSync(data, owner.uid, owner.gid);
}
