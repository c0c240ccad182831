// Files below the data root that nobody comes back for: directories of containers without record, unfinished work of processes that
// are gone, layers and blobs of no image, operation lists that were never read.
import { existsSync, readdirSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { isRunning, readStartTime } from "../../kernel/proc/identity.ts";
import { measureSize } from "../../kernel/tree/size.ts";
import { listUnreachableRows, readReachable } from "../../store/reachable.ts";
import { staleTemporaries } from "../../store/temporary.ts";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";
import { collectBlobs, findGarbage } from "../image/collect.ts";
import type { Finder, Finding } from "./finding.ts";

function entriesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return [];
    throw error;
  }
}

const tree = (engine: Engine, kind: string, path: string, proof: string): Finding => ({
  kind,
  object: path,
  proof,
  bytes: measureSize(path).diskBytes,
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

/** Blobs, unpacked layers and recipes that nothing leads to, and rows that lead to nothing: the collector takes them. */
export const findContent: Finder = ({ engine, hasStore }) => {
  // A living command puts files in place inside the transaction that stores what leads to them: until then it has something in tmp/.
  if (!hasStore || entriesOf(`${engine.root}/tmp`).length > staleTemporaries(engine.root).length) return [];
  const fix = () => void collectBlobs(engine);
  const proofs = { blob: "no image, registry or living command has it", layer: "no image has it" };
  const files = findGarbage(engine).map(({ kind, path }): Finding => ({ ...tree(engine, kind, path, proofs[kind]), fix }));
  const rows = listUnreachableRows(engine.store, isRunning, readReachable(engine.store, isRunning)).map(
    (object): Finding => ({
      kind: "row",
      object,
      proof: "what it belongs to is gone",
      bytes: 0,
      owner: "tsns",
      repair: [],
      command: ": # the store forgets the row",
      fix,
    }),
  );
  return [...files, ...rows];
};

/** Operation lists on their way to the native helper, which removes what it has read: `plan`, `exec-PID`, /run/tsns-PID-CONTAINER. */
export const findPlans: Finder = ({ engine, containers, isBusy }) => {
  const inside = containers.flatMap(({ record }) => {
    const { path } = containerDirectory(engine.root, record.id);
    return entriesOf(path)
      .filter((name) => (name === "plan" ? !isBusy(record.id) : isAbandoned(/^exec-(\d+)$/.exec(name)?.[1])))
      .map((name) => `${path}/${name}`);
  });
  const plans = inside.map((path) => tree(engine, "operation list", path, "the command that wrote it is gone"));
  const outside = entriesOf("/run")
    .filter((name) => isAbandoned(/^tsns-(\d+)(?:-[0-9a-f]{64})?$/.exec(name)?.[1]))
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
