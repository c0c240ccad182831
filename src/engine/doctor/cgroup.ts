// Control groups without a container: those named after containers of this data root, and empty ones of other engines.
import { existsSync, readdirSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { listPids } from "../../kernel/cgroup/process.ts";
import type { Finder, Finding } from "./finding.ts";
import { foreign } from "./link.ts";

function childrenOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return [];
    throw error;
  }
}

function mountPoints(): readonly string[] {
  try {
    return readHierarchies().map(({ mountPoint }) => mountPoint);
  } catch {
    return [];
  }
}

interface Group {
  readonly path: string;
  readonly id: string;
}

/** Levels below a hierarchy's root that are looked at: a container's --cgroup-parent can be anywhere. */
const deepest = 8;

const ownGroups = (): readonly Group[] => mountPoints().flatMap((point) => groupsBelow(point, deepest));

function groupsBelow(directory: string, levels: number): readonly Group[] {
  return childrenOf(directory).flatMap((name) => {
    const path = `${directory}/${name}`;
    const id = /^tsns-([0-9a-f]{64})$/.exec(name)?.[1];
    if (id !== undefined) return [{ path, id }];
    return levels > 0 ? groupsBelow(path, levels - 1) : [];
  });
}

export const findCgroups: Finder = ({ engine, known, running, journalOwners, isBusy }) =>
  ownGroups()
    // What has a journal is told by its run.
    .filter(({ id }) => (known.has(id) ? !running.has(id) && !journalOwners.includes(id) : existsSync(`${engine.root}/containers/${id}`)))
    .filter(({ id }) => !isBusy(id))
    .map(({ path, id }) => ({
      kind: "cgroup",
      object: path,
      proof: known.has(id) ? `container ${id.slice(0, 12)} does not run` : `container ${id.slice(0, 12)} of this data root has no record`,
      bytes: 0,
      owner: "tsns",
      repair: [{ kind: "cgroup.remove", path }],
    }));

/** Directories below a hierarchy's root in which engines put a group per container, and the names of those groups. */
const foreignPlaces: readonly (readonly [place: string, name: RegExp, owner: string])[] = [
  ["docker", /^[0-9a-f]{64}$/, "docker"],
  ["system.slice", /^docker-[0-9a-f]{64}\.scope$/, "docker"],
  ["libpod_parent", /^libpod-[0-9a-f]{64}/, "podman"],
  ["machine.slice", /^libpod-[0-9a-f]{64}\.scope$/, "podman"],
];

export const findForeignCgroups: Finder = ({ engine, known }) => {
  const others = mountPoints().flatMap((point) =>
    foreignPlaces.flatMap(([place, pattern, owner]) =>
      childrenOf(`${point}/${place}`)
        .filter((name) => pattern.test(name))
        .map((name) => ({ path: `${point}/${place}/${name}`, owner })),
    ),
  );
  const roots = ownGroups()
    .filter(({ id }) => !known.has(id) && !existsSync(`${engine.root}/containers/${id}`))
    .map(({ path }) => ({ path, owner: "tsns of another data root" }));
  return [...others, ...roots].flatMap(({ path, owner }): Finding[] =>
    isEmpty(path) ? [foreign("cgroup", path, "no process is in it", owner, { kind: "cgroup.remove", path })] : [],
  );
};

const isEmpty = (path: string): boolean => listPids(path).length === 0 && childrenOf(path).every((name) => isEmpty(`${path}/${name}`));
