// Where the layers of one of our containers are: its writable directory, wherever that is visible, and the image's below it.
import { existsSync } from "node:fs";
import type { ContainerRecord } from "../../container/record.ts";
import { hostImage } from "../../image/host.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { becomeHelper, writeOperations } from "../../kernel/sandbox/launch.ts";
import { launcherProgram } from "../../kernel/sandbox/location.ts";
import { CLONE, MS } from "../../plan/operation.ts";
import { getImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import { containerDirectory } from "../container/directory.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";

export interface ContainerLayers {
  /** Undefined for a container that never ran. */
  readonly upper?: string;
  /** Uppermost first. */
  readonly lower: readonly string[];
  /** Process 1, 0 when it does not run. */
  readonly pid: number;
}

/** Undefined where its layer would have to be mounted first. */
export function layersInSight(engine: Engine, record: ContainerRecord): ContainerLayers | undefined {
  const directory = containerDirectory(engine.root, record.id);
  const image = getImage(engine.store, record.spec.imageId);
  const lower = image.id === hostImage.id ? ["/"] : layerDirectories(engine.root, image);
  const { monitorPid, pid } = observeContainer(engine, record);
  if (!existsSync(directory.upperImage)) return { lower, pid, ...(existsSync(directory.upper) ? { upper: directory.upper } : {}) };
  const upper = `${directory.upperMount}/upper`;
  if (existsSync(upper)) return { lower, pid, upper };
  return monitorPid ? { lower, pid, upper: `/proc/${monitorPid}/root${upper}` } : undefined;
}

/**
 * A layer in a file system of its own is seen through the monitor while the container runs; else this process becomes a helper that
 * mounts it in a private namespace and calls `again` (words after `tsns`) there.
 */
export function findContainerLayers(engine: Engine, record: ContainerRecord, again: readonly string[]): ContainerLayers {
  const seen = layersInSight(engine, record);
  if (seen) return seen;
  const directory = containerDirectory(engine.root, record.id);
  const planPath = `${directory.path}/look-${engine.self.pid}`;
  writeOperations(
    planPath,
    flattenOperations({
      monitor: [
        ["stdio", "pipe"],
        ["stdin", "none"],
        ["unshare", `${CLONE.NEWNS}`],
        ["mount", "", "/", "", `${MS.REC | MS.SLAVE}`, ""],
        ["loop-mount", directory.upperImage, directory.upperMount, "ext4", ""],
        ["clone", "0"],
      ],
      init: [
        ["env", `PATH=${process.env.PATH ?? "/usr/bin:/bin"}`],
        ["exec", launcherProgram, "--root", engine.root, ...again],
      ],
    }),
  );
  engine.finish();
  return becomeHelper(["run", planPath, "--attach"]);
}
