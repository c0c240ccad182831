// tsns layer stack and unstack: an overlay of directories, here or in a running container.
import { readdirSync, statSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";
import { readMountNamespaces, readMountsOf } from "../../kernel/mount/namespace.ts";
import { readSource } from "../../kernel/mount/resolve.ts";
import { parseOverlay } from "../../layer/overlay.ts";
import { checkOption, judgeStack, type LayerDirectoryState } from "../../layer/stack.ts";
import { planOverlay } from "../../mount/plan.ts";
import { type MountTable, openMountTable } from "../../mount/table.ts";
import type { Engine } from "../engine.ts";
import { applyMounts } from "../mount/apply.ts";
import { findTarget, openPlace, requireMountPrivilege } from "../mount/place.ts";

export interface StackRequest {
  /** Uppermost first, absolute. */
  readonly lower: readonly string[];
  readonly upper?: string;
  readonly work?: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options: readonly string[];
  readonly reference?: string;
}

/** Throws KernelError ENOENT, ENOTDIR for directories that are not there, invalid and conflict from the rules. */
export async function stackLayers(engine: Engine, request: StackRequest): Promise<void> {
  const options = request.options.map(checkOption);
  const table = openMountTable(readMountsOf("self") ?? []);
  const lower = request.lower.map((path) => stateOf(path, table));
  const upper = request.upper === undefined ? undefined : stateOf(request.upper, table);
  const work = request.work === undefined ? undefined : stateOf(request.work, table);
  const problem = judgeStack({
    lower,
    ...(upper ? { upper } : {}),
    ...(work ? { work } : {}),
    workNames: work ? readdirSync(work.path) : [],
    used: upper ? usedDirectories() : new Map(),
  });
  if (problem) throw problem;
  const place = openPlace(engine, request.reference);
  const target = findTarget(place, request.target, "directory");
  const plan = planOverlay(
    {
      ...place.step,
      ...(place.label === undefined ? {} : { placeLabel: place.label }),
      lower: lower.map(({ path }) => path),
      ...(upper ? { upper: upper.path } : {}),
      ...(work ? { work: work.path } : {}),
      readOnly: request.readOnly,
      options,
    },
    target,
  );
  if (engine.show(plan)) return;
  requireMountPrivilege();
  await applyMounts(engine, plan, place.label === undefined ? target.path : undefined);
}

function stateOf(path: string, table: MountTable): LayerDirectoryState {
  const source = readSource(path);
  if (!source.isDirectory) throw new KernelError("open", "ENOTDIR", path, pathHint("ENOTDIR", path));
  return { path: source.path, device: statSync(source.path).dev, type: table.mountOf(source.path)?.type ?? "" };
}

/** Two overlays on one upper or work directory destroy each other's files. */
function usedDirectories(): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  for (const { mounts } of readMountNamespaces()) {
    for (const mount of mounts) {
      if (mount.type !== "overlay") continue;
      const { upper, work } = parseOverlay(mount.superOptions);
      for (const path of [upper, work]) if (path !== undefined && !used.has(path)) used.set(path, mount.target);
    }
  }
  return used;
}
