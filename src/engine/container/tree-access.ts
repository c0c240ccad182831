// The file system of a container as it is seen inside, for commands that read or change it: through its process while it runs, else mounted in a
// namespace that lives as long as the look.
import { closeSync } from "node:fs";
import { compileOci } from "../../container/oci/compile.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { planTree } from "../../container/sandbox-tree.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { holderProgram, startHolder } from "../../kernel/sandbox/holder.ts";
import { writeOperationsAnywhere } from "../../kernel/sandbox/launch.ts";
import { openTreeRoot } from "../../kernel/tree/inside.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { TreeMounts } from "../../plan/step/image.ts";
import { getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { releaseVolumes } from "../volume/container.ts";
import { volumeSources } from "../volume/directory.ts";
import { findEntered } from "./begun.ts";
import { prepareVolumesOf } from "./create.ts";
import { containerDirectory } from "./directory.ts";
import { imageRoot, mappedLayers, missingSources } from "./image-root.ts";
import { observeContainer } from "./observe.ts";
import { repairContainer } from "./repair.ts";

/** How the tree of a container is reached, as a plan shows it. */
export interface TreeWay {
  /** Path of its root. */
  readonly root: string;
  /** What is mounted there first; absent while it runs. */
  readonly mounts?: TreeMounts;
  readonly steps: readonly PlannedStep[];
}

/**
 * Calls `body` with the open root (O_PATH) of the container's file system, mounts and all. One that does not run is locked meanwhile: two overlays
 * over one directory are none. Throws conflict while another command works on it.
 */
export async function withContainerTree<T>(engine: Engine, record: ContainerRecord, body: (rootFd: number) => Promise<T>): Promise<T> {
  const running = openRunning(engine, record);
  if (running !== undefined) return withRoot(running, body);
  await repairContainer(engine, record.id);
  return withLock(engine, record.id, "cp", async () => {
    // it may have been started while the lock was waited for
    const started = openRunning(engine, record);
    if (started !== undefined) return withRoot(started, body);
    const current = getContainer(engine.store, record.id) ?? record;
    const volumes = await prepareVolumesOf(engine, current);
    try {
      await volumes?.make({ starting: true });
      return await withMounted(engine, current, body);
    } finally {
      await releaseVolumes(engine, current);
    }
  });
}

async function withMounted<T>(engine: Engine, record: ContainerRecord, body: (rootFd: number) => Promise<T>): Promise<T> {
  await engine.apply({ steps: treeWay(engine, record).steps });
  const directory = containerDirectory(engine.root, record.id);
  const operations = flattenOperations(treeOperations(engine, record));
  await using holder = await startHolder(writeOperationsAnywhere(`${directory.path}/look-${engine.self.pid}`, operations));
  return await withRoot(openTreeRoot(`/proc/${holder.pid}/root${directory.root}`), body);
}

async function withRoot<T>(rootFd: number, body: (rootFd: number) => Promise<T>): Promise<T> {
  try {
    return await body(rootFd);
  } finally {
    closeSync(rootFd);
  }
}

/** Undefined when it does not run, or has ended before the root was open: its process id may be another's by then. */
function openRunning(engine: Engine, record: ContainerRecord): number | undefined {
  if (observeContainer(engine, record).status !== "running") return undefined;
  const before = observeContainer(engine, findEntered(engine, record.id));
  if (before.status !== "running") return undefined;
  const rootFd = openTreeRoot(`/proc/${before.pid}/root`);
  const after = observeContainer(engine, record);
  if (after.status === "running" && after.pid === before.pid) return rootFd;
  closeSync(rootFd);
  return undefined;
}

/** What `withContainerTree` would do. */
export function treeWay(engine: Engine, record: ContainerRecord): TreeWay {
  const state = observeContainer(engine, record);
  if (state.status === "running") return { root: `/proc/${state.pid}/root`, steps: [] };
  const directory = containerDirectory(engine.root, record.id);
  const { userNamespace, mounts } = record.spec;
  const image = imageRoot(engine, record, directory);
  const mapped = userNamespace && mappedLayers(directory, image.overlay.lower.length);
  const volumes = volumeSources(engine, mounts);
  const map = userNamespace &&
    mapped && { ...mapped.targets, hostUid: userNamespace.uid, hostGid: userNamespace.gid, size: userNamespace.size };
  const binds = mounts.flatMap((mount) =>
    mount.type === "tmpfs"
      ? []
      : [{ source: mount.type === "bind" ? mount.source : (volumes[mount.name] ?? ""), target: mount.target, readOnly: mount.readOnly }],
  );
  return {
    root: directory.root,
    mounts: {
      overlay: image.overlay,
      ...(image.upperImage ? { upperImage: image.upperImage } : {}),
      ...(map ? { mapped: map } : {}),
      binds,
    },
    steps: [...image.steps, ...(mapped?.steps ?? []), ...missingSources(mounts)],
  };
}

function treeOperations(engine: Engine, record: ContainerRecord) {
  const directory = containerDirectory(engine.root, record.id);
  const { spec } = record;
  const image = imageRoot(engine, record, directory);
  const mapped = spec.userNamespace && mappedLayers(directory, image.overlay.lower.length);
  // who would run there is not asked: nobody does
  const config = compileOci(
    { ...spec, capAdd: [], capDrop: [] },
    {
      id: record.id,
      rootPath: directory.root,
      files: [],
      volumes: volumeSources(engine, spec.mounts),
      boundingSet: 0n,
      hostDevices: [],
      join: {},
      cgroupsPath: "",
    },
  );
  return planTree(
    { ...config, mounts: config.mounts.filter((mount) => spec.mounts.some(({ target }) => target === mount.destination)) },
    {
      overlay: image.overlay,
      ...(image.upperImage ? { upperImage: image.upperImage } : {}),
      ...(mapped ? { mapped: mapped.targets } : {}),
    },
    holderProgram,
  );
}
