// The images of a machine that does not exist.
import type { ContainerState } from "../../../src/container/record.ts";
import type { LiveImage } from "../../../src/engine/live/image.ts";
import type { ImageStep } from "../../../src/engine/live/image-content.ts";
import type { Answers } from "./world.ts";

const mebi = 1024 * 1024;
const layerOf = (place: number, layer: number): string => `sha256:${`${place}${layer}`.repeat(32)}`;

const stepsOf = (place: number, createdMs: number): readonly ImageStep[] => [
  { createdMs, createdBy: 'CMD ["serve"]', sizeBytes: 0 },
  {
    layer: 2,
    diffId: layerOf(place, 2),
    createdMs,
    createdBy: "RUN apt-get install -y --no-install-recommends server",
    sizeBytes: 41 * mebi,
  },
  { layer: 1, diffId: layerOf(0, 1), createdMs: createdMs - 86_400_000, createdBy: "ADD rootfs.tar.xz /", sizeBytes: 78 * mebi },
];

/** One of each name that containers are made of. */
export function makeImages(containers: readonly ContainerState[], nowMs: number): Answers {
  const names = [...new Set(containers.map(({ record }) => record.spec.imageName))];
  const images = names.map((name, place): LiveImage => {
    const users = containers.filter(({ record }) => record.spec.imageName === name).map(({ record: { id, name } }) => ({ id, name }));
    return {
      id: `sha256:${`${place + 1}`.repeat(64).slice(0, 64)}`,
      names: [name],
      createdMs: nowMs - (place + 1) * 86_400_000,
      platform: "linux/amd64",
      sizeBytes: 119 * mebi,
      sharedBytes: names.length > 1 ? 78 * mebi : 0,
      diffIds: [layerOf(0, 1), layerOf(place + 1, 2)],
      sharedWith: names.length > 1 ? new Map([[layerOf(0, 1), names.length - 1]]) : new Map(),
      users,
      isParent: false,
      isHost: false,
    };
  });
  const steps = new Map(images.map(({ id, createdMs }, place) => [id, stepsOf(place + 1, createdMs)]));
  const counts = new Map(
    images.map(({ id }) => [
      id,
      [
        { added: 3200, changed: 0, removed: 0 },
        { added: 412, changed: 7, removed: 2 },
      ],
    ]),
  );
  const file = (sizeBytes: number) => ({ deed: "added" as const, isDirectory: false, sizeBytes, removedBytes: 0 });
  return {
    images: () => ({ images }),
    steps: ({ images: asked }) => ({ steps: new Map(asked.map((id) => [id, steps.get(id) ?? []])) }),
    content({ image }) {
      const root = (children: ReadonlyMap<string, ReturnType<typeof file>>, sizeBytes: number) => ({
        isDirectory: true,
        sizeBytes,
        removedBytes: 0,
        children,
      });
      const [lower, upper] = counts.get(image) ?? [];
      const layers = [
        { counts: lower ?? { added: 0, changed: 0, removed: 0 }, root: root(new Map([["bin", file(78 * mebi)]]), 78 * mebi) },
        { counts: upper ?? { added: 0, changed: 0, removed: 0 }, root: root(new Map([["server", file(41 * mebi)]]), 41 * mebi) },
      ];
      return { content: { id: image, steps: steps.get(image) ?? [], layers, whole: layers[1], entries: 3621 }, counts };
    },
  } as Answers;
}
