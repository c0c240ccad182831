// Where the directories of a container's root file system are: layers, the writable one, mount points. Reads the store, makes nothing.
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import type { ContainerRecord } from "../../container/record.ts";
import type { MountSpec } from "../../container/spec/storage.ts";
import { hostImage } from "../../image/host.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { HostOwner, Step } from "../../plan/step.ts";
import { getImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { refuseMissing } from "../volume/settle.ts";
import type { ContainerDirectory } from "./directory.ts";
import { isOnRootDevice } from "./host-fact.ts";

/** Of the sparse file that holds the writable layer of the host image. */
const upperImageBytes = 20 * 1024 ** 3;

/** The layers of a root file system, and the steps that make their directories. */
export interface ImageRoot {
  readonly overlay: { readonly lower: readonly string[]; readonly upper: string; readonly work: string };
  readonly upperImage?: { readonly file: string; readonly target: string };
  /** The writable layer is not kept: nobody waits for the disk to have it. */
  readonly volatile?: true;
  readonly steps: readonly PlannedStep[];
}

/**
 * Directories of the writable layer, and where the layers below it are. Kept by a stopped container, so not undone; with --rm the
 * container's directory, made first, goes last.
 */
export function imageRoot(engine: Engine, record: ContainerRecord, directory: ContainerDirectory): ImageRoot {
  const image = getImage(engine.store, record.spec.imageId);
  const make = (path: string, because: string, mode = 0o755, owner?: HostOwner): PlannedStep => ({
    step: { kind: "directory.create", path, mode, ...(owner ? { owner: { uid: owner.uid, gid: owner.gid } } : {}) },
    because,
  });
  const isHost = image.id === hostImage.id;
  const undo: Step = { kind: "tree.remove", path: directory.path, within: `${engine.root}/containers` };
  const own = make(directory.path, "the container's own files", 0o700);
  const steps = [
    ...firstContainer(engine),
    record.spec.autoRemove ? { ...own, undo } : own,
    make(directory.root, "mount point of the root file system"),
  ];
  const lower = isHost ? ["/"] : layerDirectories(engine.root, image);
  const { storageBytes } = record.spec;
  const isCovered = isHost && isOnRootDevice(engine.root);
  if (isCovered || storageBytes !== undefined) {
    const target = directory.upperMount;
    return {
      overlay: { lower, upper: `${target}/upper`, work: `${target}/work` },
      upperImage: { file: directory.upperImage, target },
      steps: [
        ...steps,
        make(target, "mount point of the writable layer's file system"),
        ...(record.run || isFormatted(directory.upperImage)
          ? []
          : [
              {
                step: { kind: "filesystem.create", path: directory.upperImage, bytes: storageBytes ?? upperImageBytes },
                because: isCovered
                  ? "overlay forbids an upper directory on the file system it covers"
                  : "a file system of its own holds as much as the container may write",
              } satisfies PlannedStep,
            ]),
      ],
    };
  }
  return {
    overlay: { lower, upper: directory.upper, work: directory.work },
    ...(record.spec.autoRemove ? { volatile: true } : {}),
    steps: [
      ...steps,
      ...volatileMark(record, directory),
      make(directory.upper, "the writable layer", 0o755, record.spec.userNamespace),
      make(directory.work, "overlay's work directory"),
    ],
  };
}

function firstContainer({ root }: Engine): PlannedStep[] {
  const path = `${root}/containers`;
  if (existsSync(path)) return [];
  const step: Step = { kind: "directory.create", path, mode: 0o700, spread: true };
  return [{ step, because: "of all containers, which have nothing to do with one another: ext4 lays them apart" }];
}

/** What a volatile overlay leaves at its end, and refuses to be mounted on again (Documentation/filesystems/overlayfs.rst). */
function volatileMark(record: ContainerRecord, directory: ContainerDirectory): PlannedStep[] {
  const path = `${directory.work}/work/incompat`;
  if (!record.spec.autoRemove || !existsSync(path)) return [];
  return [
    {
      step: { kind: "tree.remove", path, within: directory.work },
      because: "the mark of its last run, after which what it wrote may not all be on the disk: with --rm nobody counts on that",
    },
  ];
}

/** An ext4 file system is there already: `cp` has written to the container before its first run. */
function isFormatted(path: string): boolean {
  if (!existsSync(path)) return false;
  const fd = openSync(path, "r");
  try {
    const magic = Buffer.alloc(2);
    readSync(fd, magic, 0, 2, 0x438); // s_magic of the superblock, which mkfs writes last
    return magic.readUInt16LE() === 0xef53;
  } finally {
    closeSync(fd);
  }
}

/** Docker's -v makes a source directory that is not there; it belongs to the user from then on. Throws invalid for one of --mount. */
export function missingSources(mounts: readonly MountSpec[]): PlannedStep[] {
  for (const mount of mounts) refuseMissing(mount);
  return mounts.flatMap((mount): PlannedStep[] =>
    mount.type === "bind" && !existsSync(mount.source)
      ? [
          {
            step: { kind: "directory.create", path: mount.source, mode: 0o755 },
            because: `-v makes its missing source for ${mount.target}`,
          },
        ]
      : [],
  );
}

/** Mount points for layers seen through an id map. */
export function mappedLayers(directory: ContainerDirectory, lowerCount: number) {
  const lower = Array.from({ length: lowerCount }, (_, at) => `${directory.path}/lower/${at}`);
  const steps = lower.map(
    (path): PlannedStep => ({
      step: { kind: "directory.create", path, mode: 0o755 },
      because: "mount point for a layer seen through the user namespace's ids",
    }),
  );
  return { targets: { lower }, steps };
}
