// tsns mount bind: a directory or file of this namespace is seen elsewhere, here or in a running container.
import { readSource } from "../../kernel/mount/resolve.ts";
import { planBind } from "../../mount/plan.ts";
import type { Propagation } from "../../plan/step/mount.ts";
import type { Engine } from "../engine.ts";
import { applyMounts } from "./apply.ts";
import { findTarget, openPlace, requireMountPrivilege } from "./place.ts";

export interface BindRequest {
  /** Absolute, of this namespace. */
  readonly source: string;
  readonly target: string;
  readonly recursive: boolean;
  readonly readOnly: boolean;
  readonly propagation?: Propagation;
  /** Another mount namespace. */
  readonly reference?: string;
}

/** Throws KernelError ENOENT for a missing source, conflict for a target of the other type. Leaves nothing when it fails. */
export async function bindMount(engine: Engine, request: BindRequest): Promise<void> {
  const source = readSource(request.source);
  const place = openPlace(engine, request.reference);
  const target = findTarget(place, request.target, source.isDirectory ? "directory" : "file");
  const { recursive, readOnly, propagation } = request;
  const plan = planBind({
    place: place.step,
    ...(place.label === undefined ? {} : { placeLabel: place.label }),
    source: source.path,
    target,
    recursive,
    readOnly,
    ...(propagation ? { propagation } : {}),
  });
  if (engine.show(plan)) return;
  requireMountPrivilege();
  await applyMounts(engine, plan, place.label === undefined ? target.path : undefined);
}
