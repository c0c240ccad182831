// Files below the data root that nobody comes back for: directories of containers without record, unfinished work of processes that
// are gone, layers and blobs of no image, operation lists that were never read.
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { isRunning, readStartTime } from "../../kernel/proc/identity.ts";
import { listImages } from "../../store/image-record.ts";
import { layerPath } from "../../store/layer.ts";
import { staleTemporaries } from "../../store/temporary.ts";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";
import type { Finder, Finding } from "./finding.ts";

function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return [];
    throw error;
  }
}

/** Bytes on disk; what vanishes meanwhile counts nothing. */
function sizeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  const own = stat.blocks * 512;
  return stat.isDirectory() ? entriesOf(path).reduce((sum, name) => sum + sizeOf(`${path}/${name}`), own) : own;
}

const tree = (engine: Engine, kind: string, path: string, proof: string): Finding => ({
  kind,
  object: path,
  proof,
  bytes: sizeOf(path),
  owner: "tsns",
  repair: [{ kind: "tree.remove", path, within: engine.root }],
});

export const findContainerDirectories: Finder = ({ engine, known, isBusy }) =>
  entriesOf(`${engine.root}/containers`)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    // Read after the directory: a record is stored before its directory is made.
    .filter((id) => !known.has(id) && !isBusy(id))
    .map((id) => tree(engine, "writable layer", containerDirectory(engine.root, id).path, "its container has no record"));

export const findTemporaries: Finder = ({ engine }) =>
  staleTemporaries(engine.root).map((path) => tree(engine, "temporary", path, "the process that made it is gone"));

export const findLayers: Finder = ({ engine, hasStore }) => {
  if (!hasStore) return [];
  const names = [...entriesOf(`${engine.root}/layers`)];
  // An import puts its layers in place inside the transaction that stores the image: what a living one has made is in tmp/.
  const used = new Set(listImages(engine.store).flatMap(({ image }) => image.diffIds.map((diffId) => layerPath(engine.root, diffId))));
  const busy = entriesOf(`${engine.root}/tmp`).length > staleTemporaries(engine.root).length;
  if (busy) return [];
  return names
    .map((name) => `${engine.root}/layers/${name}`)
    .filter((path) => !used.has(path))
    .map((path) => tree(engine, "layer", path, "no image has it"));
};

/** Operation lists on their way to the native helper, which removes what it has read: `plan`, `exec-PID`, /run/tsns-PID. */
export const findPlans: Finder = ({ engine, containers, isBusy }) => {
  const inside = containers.flatMap(({ record }) => {
    const { path } = containerDirectory(engine.root, record.id);
    return entriesOf(path)
      .filter((name) => (name === "plan" ? !isBusy(record.id) : isAbandoned(/^exec-(\d+)$/.exec(name)?.[1])))
      .map((name) => `${path}/${name}`);
  });
  const plans = inside.map((path) => tree(engine, "operation list", path, "the command that wrote it is gone"));
  const outside = entriesOf("/run")
    .filter((name) => isAbandoned(/^tsns-(\d+)$/.exec(name)?.[1]))
    .map((name): Finding => {
      const path = `/run/${name}`;
      return {
        ...tree(engine, "operation list", path, "the command that wrote it is gone"),
        repair: [{ kind: "tree.remove", path, within: "/run" }],
      };
    });
  return [...plans, ...outside];
};

const isAbandoned = (pid: string | undefined): boolean => pid !== undefined && readStartTime(Number(pid)) === undefined;

/** Files a run needs while it lives: of an ended one that has been cleaned up only a kill between two steps leaves them. */
export const findRunFiles: Finder = ({ engine, containers, journalOwners, isBusy }) =>
  containers
    .filter(({ record, status }) => status !== "running" && !journalOwners.includes(record.id) && !isBusy(record.id))
    .filter(({ monitor }) => !(monitor && isRunning({ pid: monitor.monitorPid, startTime: monitor.monitorStart })))
    .flatMap(({ record }) => {
      const { path } = containerDirectory(engine.root, record.id);
      return ["attach", "monitor", "exit", "owner"]
        .map((name) => `${path}/${name}`)
        .filter((file) => existsSync(file))
        .map((file) => tree(engine, "run file", file, `container ${record.name} does not run`));
    });
