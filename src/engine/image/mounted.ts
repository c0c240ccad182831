// Where images are mounted on this host, as the kernel tells: an overlay of exactly their layers.
import { TsnsError } from "../../base/error.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { readMountsOf } from "../../kernel/mount/namespace.ts";
import { parseOverlay } from "../../layer/overlay.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";

/** Overlay without an upper directory wants two lower ones: this one is always empty. */
export const emptyDirectory = (engine: Pick<Engine, "root">): string => `${engine.root}/mounts/empty`;

/** Where an image is mounted on this host. */
export function mountsOfImage(engine: Engine, image: ImageRecord): readonly string[] {
  return readImageMounts(engine)(image);
}

/** The same for several images: the kernel is asked once, now. */
export function readImageMounts(engine: Engine): (image: ImageRecord) => readonly string[] {
  const targets = new Map<string, string[]>();
  for (const { type, superOptions, target } of readMountsOf("self") ?? []) {
    if (type !== "overlay") continue;
    const { lower, upper } = parseOverlay(superOptions);
    if (upper !== undefined) continue;
    const layers = lower.join("\0");
    targets.set(layers, [...(targets.get(layers) ?? []), target]);
  }
  return (image) => {
    const layers = layerDirectories(engine.root, image);
    if (layers.length === 0) return [];
    return targets.get((layers.length === 1 ? [...layers, emptyDirectory(engine)] : layers).join("\0")) ?? [];
  };
}

/** Throws conflict `image-mounted`: its layers must not go under a mount. */
export function requireUnmounted(engine: Engine, image: ImageRecord): void {
  const [target] = mountsOfImage(engine, image);
  if (target === undefined) return;
  throw new TsnsError(
    "conflict",
    "image-mounted",
    `the image ${image.id.slice("sha256:".length, "sha256:".length + 12)} is mounted on ${target}`,
    {
      hint: `unmount it first: tsns image unmount ${target}`,
    },
  );
}
