// Names that other engines gave their containers, read from their own state files where that is one cheap read. Without rights or
// with another layout there is no name, never an error.
import { readFileSync } from "node:fs";

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
  const name = typeof state === "object" && state !== null && "Name" in state ? textOf(state.Name) : undefined;
  return name?.replace(/^\//, "");
}

/** First name of each container in the list of podman's storage, by id. */
export function parsePodmanNames(list: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const entry of Array.isArray(list) ? list : []) {
    if (typeof entry !== "object" || entry === null || !("id" in entry) || !("names" in entry) || !Array.isArray(entry.names)) continue;
    const id = textOf(entry.id);
    const name = textOf(entry.names[0]);
    if (id !== undefined && name !== undefined) names.set(id, name);
  }
  return names;
}

export function readDockerName(id: string): string | undefined {
  return parseDockerName(readJson(`/var/lib/docker/containers/${id}/config.v2.json`));
}

export function readPodmanNames(): ReadonlyMap<string, string> {
  return parsePodmanNames(readJson("/var/lib/containers/storage/overlay-containers/containers.json"));
}
