// tsns image mount, unmount: an image's files seen in a directory of this host, read-only. The mount is journalled as those of
// `layer stack` are; that an image is mounted is read from the kernel.
import { TsnsError } from "../../base/error.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { planOverlay } from "../../mount/plan.ts";
import { findImage, listImages } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { applyMounts } from "../mount/apply.ts";
import { findTarget, openPlace, requireMountPrivilege } from "../mount/place.ts";
import { removeMounts } from "../mount/remove.ts";
import { findLayered } from "./layer-tree.ts";
import { emptyDirectory, mountsOfImage, readImageMounts } from "./mounted.ts";

export interface MountedImage {
  readonly id: string;
  readonly names: readonly string[];
  readonly target: string;
}

/** Where an image is mounted when nobody says where. */
const defaultTarget = (engine: Engine, { id }: ImageRecord): string =>
  `${engine.root}/mounts/${id.slice("sha256:".length, "sha256:".length + 12)}`;

/**
 * Mounts an image; returns where. `target` is absolute, made when missing. Undefined after a dry run. Mounted there already by the same
 * command: nothing is done. Throws what `findLayered` does, denied without privilege.
 */
export async function mountImage(engine: Engine, name: string, target: string | undefined): Promise<string | undefined> {
  const { image } = findLayered(engine, name);
  const place = openPlace(engine);
  const find = () => findTarget(place, target ?? defaultTarget(engine, image), "directory");
  const found = find();
  if (target === undefined && mountsOfImage(engine, image).includes(found.path)) return found.path;
  const layers = layerDirectories(engine.root, image);
  const isSingle = layers.length === 1;
  const lower = isSingle ? [...layers, emptyDirectory(engine)] : layers;
  const planOn = (at: typeof found) => planOverlay({ lower, readOnly: true, options: [] }, at);
  const plan = planOn(found);
  const empty = {
    step: { kind: "directory.create", path: emptyDirectory(engine), mode: 0o755 },
    because: "an overlay has at least two lower directories, the image one layer",
  } as const;
  const whole = isSingle ? { steps: [empty, ...plan.steps] } : plan;
  if (engine.show(whole)) return undefined;
  requireMountPrivilege();
  if (isSingle) await engine.apply({ steps: [empty] });
  // the empty directory may have brought the parents of the target
  await applyMounts(engine, isSingle ? planOn(find()) : plan, found.path);
  return found.path;
}

/** `what` is where it is mounted (absolute), or the image. Undefined after a dry run. Throws invalid `not-mounted`, conflict `mount-busy`. */
export async function unmountImage(
  engine: Engine,
  what: string,
  path: string,
  { lazy }: { readonly lazy: boolean },
): Promise<readonly string[]> {
  const targets = findTargets(engine, what, path);
  for (const target of targets) await removeMounts(engine, { target, recursive: false, lazy, type: "overlay" });
  return targets;
}

function findTargets(engine: Engine, what: string, path: string): readonly string[] {
  const mounted = listMountedImages(engine);
  const here = mounted.filter(({ target }) => target === path);
  if (here.length > 0) return [path];
  const isPath = /^[./]/.test(what);
  const image = isPath ? undefined : findImage(engine.store, what);
  const targets = mounted.filter(({ id }) => id === image?.id).map(({ target }) => target);
  if (targets.length > 0) return targets.reverse();
  throw new TsnsError("invalid", "not-mounted", isPath ? `no image is mounted on ${what}` : `the image "${what}" is not mounted`, {
    hint: "tsns image mount lists those that are",
  });
}

/** Mounts of this namespace, in their order. */
export function listMountedImages(engine: Engine): readonly MountedImage[] {
  const images = listImages(engine.store);
  const mountsOf = readImageMounts(engine);
  return images.flatMap(({ image, names }) => mountsOf(image).map((target) => ({ id: image.id, names, target })));
}
