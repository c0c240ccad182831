// tsns mount umount: one mount, or one with all below it, here or in another namespace; a busy one says who keeps it.
import { KernelError, TsnsError } from "../../base/error.ts";
import { planRemove } from "../../mount/plan.ts";
import type { MountState } from "../../mount/state.ts";
import { isAtOrBelow, openMountTable } from "../../mount/table.ts";
import type { MountPointRemove } from "../../plan/step/mount.ts";
import { deleteJournal, readJournal, writeJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";
import { mountOwner } from "./apply.ts";
import { openPlace, type Place, requireMountPrivilege } from "./place.ts";
import { describeUsers, findUsers } from "./who.ts";

export interface RemoveRequest {
  readonly target: string;
  readonly recursive: boolean;
  readonly lazy: boolean;
  readonly reference?: string;
  /** Only a mount of this type will do. */
  readonly type?: string;
}

/** Throws invalid `not-mounted`, conflict `mounts-below` and `mount-busy`. */
export async function removeMounts(engine: Engine, request: RemoveRequest): Promise<void> {
  const place = openPlace(engine, request.reference);
  const path = place.resolve(request.target).path;
  const mounts = mountsToRemove(place, path, request);
  const points = place.label === undefined ? pointsOf(engine, path, place) : [];
  const targets = mounts.map(({ target }) => target);
  const plan = planRemove(place.step, targets, request.lazy, points);
  if (engine.show(plan)) return;
  requireMountPrivilege();
  try {
    await engine.apply(plan);
  } catch (error) {
    throw error instanceof KernelError && error.errno === "EBUSY" ? busy(engine, place, path) : error;
  }
  if (place.label === undefined) for (const target of targets) forget(engine, target);
}

/** Innermost first. */
function mountsToRemove(place: Place, path: string, request: RemoveRequest): readonly MountState[] {
  const table = openMountTable(place.mounts);
  const mount = table.mountAt(path);
  const where = place.label === undefined ? "" : ` in ${place.label}`;
  if (!mount) {
    const under = table.mountOf(path);
    throw new TsnsError("invalid", "not-mounted", `nothing is mounted on ${request.target}${where}`, {
      ...(under ? { hint: `it lies on the mount ${under.target}` } : {}),
    });
  }
  if (request.type !== undefined && mount.type !== request.type) {
    throw new TsnsError("invalid", "wrong-mount-type", `${request.target} is no ${request.type} mount but ${mount.type}`, {
      hint: `tsns mount umount ${request.target} unmounts it`,
    });
  }
  if (path === "/") throw new TsnsError("invalid", "root-mount", `the root file system${where} stays`, { hint: "name a mount below it" });
  const below = place.mounts.filter((other) => other !== mount && isUnder(table.childrenOf, mount, other));
  if (below.length > 0 && !request.recursive && !request.lazy) {
    const names = below.slice(0, 3).map(({ target }) => target);
    const more = below.length > names.length ? ` and ${below.length - names.length} more` : "";
    throw new TsnsError("conflict", "mounts-below", `${request.target} has mounts below it: ${names.join(", ")}${more}`, {
      hint: "unmount them first, or give --recursive",
    });
  }
  return request.recursive ? [mount, ...below].reverse() : [mount];
}

function isUnder(childrenOf: (id: number) => readonly MountState[], mount: MountState, other: MountState): boolean {
  return childrenOf(mount.id).some(
    (child) => child === other || (isAtOrBelow(other.target, child.target) && isUnder(childrenOf, child, other)),
  );
}

/** Mount points that tsns made for the uppermost mount on a path of this namespace. */
function pointsOf(engine: Engine, path: string, place: Place): readonly MountPointRemove[] {
  const steps = hasStore(engine) ? (readJournal(engine.store, mountOwner(path)) ?? []) : [];
  if (place.mounts.filter(({ target }) => target === path).length > 1) return [];
  return steps.filter((step): step is MountPointRemove => step.kind === "mountpoint.remove");
}

/** Takes one mount from the journal of its target. */
function forget(engine: Engine, target: string): void {
  if (!hasStore(engine)) return;
  const steps = readJournal(engine.store, mountOwner(target));
  if (!steps) return;
  const rest = steps.slice(steps.findIndex(({ kind }) => kind === "mount.remove") + 1);
  if (rest.some(({ kind }) => kind === "mount.remove")) writeJournal(engine.store, mountOwner(target), rest);
  else deleteJournal(engine.store, mountOwner(target));
}

function busy(engine: Engine, place: Place, path: string): TsnsError {
  const mount = openMountTable(place.mounts).mountAt(path);
  const users = findUsers(engine, path, place).filter(({ kind, mountId }) => kind !== "mount" && mountId === mount?.id);
  const where = place.label === undefined ? "" : ` in ${place.label}`;
  return new TsnsError("conflict", "mount-busy", `${path}${where} is busy: ${describeUsers(users) || "the kernel does not say by whom"}`, {
    hint: "end what uses it, or give --lazy",
  });
}
