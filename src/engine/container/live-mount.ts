// Mounts of a container that runs already: added and taken away. They live in its mount namespace, so that the end of the run undoes them; the
// record of the run names them until then.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord, LiveMount } from "../../container/record.ts";
import type { BindMount, MountSpec } from "../../container/spec/storage.ts";
import { readSource } from "../../kernel/mount/resolve.ts";
import { planBind } from "../../mount/plan.ts";
import { type Plan, undoOf } from "../../plan/plan.ts";
import type { Propagation } from "../../plan/step/mount.ts";
import { getContainer, updateContainerState } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { findTarget, openPlace, requireMountPrivilege } from "../mount/place.ts";
import { removeMounts } from "../mount/remove.ts";
import { performWhole } from "../undo.ts";
import { describeRunning } from "./find.ts";

/** Binds paths of the host in a running container, one after the other: what fails leaves those before it. Throws conflict, invalid, KernelError. */
export async function addMounts(engine: Engine, reference: string, mounts: readonly MountSpec[]): Promise<void> {
  const { record } = describeRunning(engine, reference);
  const binds = mounts.map(requireBind);
  const known = [...record.spec.mounts, ...(record.run?.mounts ?? []).map(({ mount }) => mount)];
  for (const [at, { target }] of binds.entries())
    if ([...known, ...binds.slice(0, at)].some((other) => other.target === target)) throw taken(record, target);
  if (engine.mode.dryRun) {
    for (const mount of binds) engine.show(planAdd(engine, record, mount));
    return;
  }
  requireMountPrivilege();
  await withLock(engine, record.id, "mount add", async () => {
    for (const mount of binds) await addOne(engine, describeRunning(engine, record.id).record, mount);
  });
}

function requireBind(mount: MountSpec): BindMount {
  if (mount.type === "bind") return mount;
  const what = mount.type === "tmpfs" ? "a tmpfs" : "a volume";
  throw new TsnsError("unsupported", "no-live-volume", `${mount.target}: ${what} cannot be added to a running container`, {
    hint:
      mount.type === "tmpfs"
        ? "give it at the start: run --tmpfs"
        : "give it at the start, run -v; a path of the host can be added: /HOST/PATH:/PATH",
  });
}

function taken(record: ContainerRecord, target: string): TsnsError {
  return new TsnsError("conflict", "mount-taken", `container ${record.name} has a mount at ${target} already`, {
    hint: `choose another path, or take that away: tsns mount rm ${record.name} ${target}`,
  });
}

function planAdd(engine: Engine, record: ContainerRecord, mount: BindMount): Plan {
  const source = readSource(mount.source);
  const place = openPlace(engine, record.id);
  return planBind({
    place: place.step,
    placeLabel: `container ${record.name}`,
    source: source.path,
    target: findTarget(place, mount.target, source.isDirectory ? "directory" : "file"),
    recursive: !mount.nonRecursive,
    readOnly: mount.readOnly,
    propagation: propagationOf(mount),
  });
}

const propagationOf = ({ propagation }: BindMount): Propagation => propagation.replace(/^r(?!s$)/, "") as Propagation;

/** The record comes first: what a kill leaves is a mount that is named and not there, which `mount rm` forgets. */
async function addOne(engine: Engine, record: ContainerRecord, mount: BindMount): Promise<void> {
  const plan = planAdd(engine, record, mount);
  engine.show(plan);
  const points = undoOf(plan).filter((step) => step.kind === "mountpoint.remove");
  change(engine, record.id, (list) => [...list, { mount, points }]);
  let done = false;
  try {
    await performWhole(engine, plan, { undone() {} });
    done = true;
  } finally {
    if (!done) change(engine, record.id, (list) => list.filter((one) => one.mount.target !== mount.target));
  }
}

/** Of the run as it is recorded now. */
function change(engine: Engine, id: string, make: (list: readonly LiveMount[]) => readonly LiveMount[]): void {
  engine.store.transaction(() => {
    const current = getContainer(engine.store, id);
    if (!current?.run) return;
    const { mounts = [], ...run } = current.run;
    const changed = make(mounts);
    updateContainerState(engine.store, id, {
      run: { ...run, ...(changed.length > 0 ? { mounts: changed } : {}) },
      ...(current.exit ? { exit: current.exit } : {}),
    });
  });
}

export interface MountRemoval {
  readonly targets: readonly string[];
  /** Out of sight at once, gone when nobody uses it any more. */
  readonly lazy: boolean;
}

/** Takes away what `addMounts` added, with the mount points made for it. Throws not-found, conflict `mount-busy`. */
export async function takeMounts(engine: Engine, reference: string, { targets, lazy }: MountRemoval): Promise<void> {
  const { record } = describeRunning(engine, reference);
  for (const target of targets) findLive(record, target);
  const takeOne = async (target: string) => {
    const live = findLive(describeRunning(engine, record.id).record, target);
    await unmount(engine, record, live, lazy);
    if (engine.show({ steps: live.points.map((step) => ({ step, because: "made to mount on" })) })) return;
    await engine.apply({ steps: live.points.map((step) => ({ step, because: "made to mount on" })) });
    change(engine, record.id, (list) => list.filter((one) => one.mount.target !== live.mount.target));
  };
  if (engine.mode.dryRun) for (const target of targets) await takeOne(target);
  else {
    requireMountPrivilege();
    await withLock(engine, record.id, "mount rm", async () => {
      for (const target of targets) await takeOne(target);
    });
  }
}

/** One that the container, or `mount umount`, has unmounted itself is forgotten. */
async function unmount(engine: Engine, record: ContainerRecord, { mount }: LiveMount, lazy: boolean): Promise<void> {
  try {
    await removeMounts(engine, { target: mount.target, recursive: false, lazy, reference: record.id });
  } catch (error) {
    if (!(error instanceof TsnsError && error.code === "not-mounted")) throw error;
  }
}

function findLive(record: ContainerRecord, target: string): LiveMount {
  const path = target.replace(/(?<=.)\/+$/, "");
  const live = record.run?.mounts?.find(({ mount }) => mount.target === path);
  if (live) return live;
  const isOwn = record.spec.mounts.some((mount) => mount.target === path);
  throw new TsnsError(
    isOwn ? "conflict" : "not-found",
    "no-live-mount",
    isOwn ? `${target} of ${record.name} was mounted at its start and stays` : `nothing was added to ${record.name} at ${target}`,
    { hint: `tsns mount ls --in ${record.name} lists its mounts, tsns mount umount takes any away` },
  );
}
