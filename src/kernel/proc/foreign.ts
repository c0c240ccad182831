// Names that other engines gave their containers, read from their own state files where that is one cheap read. Without rights or
// with another layout there is no name, never an error.
import { readFileSync } from "node:fs";
import { isObject } from "../../base/json.ts";

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // not there, not ours to read, or not what is expected: then there is no name
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `Name` of docker's container state, without its slash. */
export function parseDockerName(state: unknown): string | undefined {
  const name = isObject(state) ? textOf(state.Name) : undefined;
  return name?.replace(/^\//, "");
}

/** First name of each container in the list of podman's storage, by id. */
export function parsePodmanNames(list: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const entry of Array.isArray(list) ? list : []) {
    if (!isObject(entry) || !Array.isArray(entry.names)) continue;
    const id = textOf(entry.id);
    const name = textOf(entry.names[0]);
    if (id !== undefined && name !== undefined) names.set(id, name);
  }
  return names;
}

/** Folder of docker's data that a container's own mounts come from: its hostname and hosts files lie beside its state. */
export function parseDockerFolder(mountinfo: string, id: string): string | undefined {
  return new RegExp(`^\\d+ \\d+ \\d+:\\d+ (/\\S*)/${id}/(?:hostname|hosts|resolv\\.conf) `, "m").exec(mountinfo)?.[1];
}

function readMountinfo(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, "utf8");
  } catch {
    return ""; // gone, or not ours to read: then no other folder is known
  }
}

/** `pid`: a process of it, whose mounts tell where another `--data-root` is; 0 for none. */
export function readDockerName(id: string, pid = 0): string | undefined {
  const usual = parseDockerName(readJson(`/var/lib/docker/containers/${id}/config.v2.json`));
  if (usual !== undefined || pid === 0) return usual;
  const folder = parseDockerFolder(readMountinfo(pid), id);
  return folder === undefined ? undefined : parseDockerName(readJson(`${folder}/${id}/config.v2.json`));
}

export function readPodmanNames(): ReadonlyMap<string, string> {
  return parsePodmanNames(readJson("/var/lib/containers/storage/overlay-containers/containers.json"));
}
