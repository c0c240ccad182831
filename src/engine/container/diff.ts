// docker diff: finds the writable layer of a container, wherever it is visible, and compares it with the layers below.
import { existsSync } from "node:fs";
import { type RootChange, withoutMountPoints } from "../../container/change.ts";
import { hostImage } from "../../image/host.ts";
import { readLayerChanges } from "../../kernel/layer/diff.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { becomeHelper, writeOperations } from "../../kernel/sandbox/launch.ts";
import { launcherProgram } from "../../kernel/sandbox/location.ts";
import { CLONE, MS } from "../../plan/operation.ts";
import { findContainer } from "../../store/container-record.ts";
import { findImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { observeContainer } from "./observe.ts";

/**
 * Changes of a container's root. A layer in a file system of its own is seen through the monitor while the container runs;
 * else this process becomes a helper that mounts it in a private namespace and calls the same command, with `options`, there.
 */
export function diffContainer(engine: Engine, reference: string, options: readonly string[] = []): readonly RootChange[] {
  const record = findContainer(engine.store, reference);
  const directory = containerDirectory(engine.root, record.id);
  const image = findImage(engine.store, record.spec.imageId);
  const lower = image.id === hostImage.id ? ["/"] : layerDirectories(engine.root, image);
  if (!existsSync(directory.upperImage)) return existsSync(directory.upper) ? changesOf(directory.upper, lower) : [];
  const upper = `${directory.upperMount}/upper`;
  if (existsSync(upper)) return changesOf(upper, lower);
  const { monitorPid } = observeContainer(engine, record);
  if (monitorPid) return changesOf(`/proc/${monitorPid}/root${upper}`, lower);
  const planPath = `${directory.path}/diff-${engine.self.pid}`;
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
        ["exec", launcherProgram, "--root", engine.root, "container", "diff", ...options, record.id],
      ],
    }),
  );
  engine.finish();
  return becomeHelper(["run", planPath, "--attach"]);
}

function changesOf(upper: string, lower: readonly string[]): RootChange[] {
  return withoutMountPoints(readLayerChanges(upper, lower));
}
