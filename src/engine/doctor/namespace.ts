// Files of network namespaces that others left: no process is in the namespace any more, only the file keeps it.
import { readdirSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { readFirstMembers } from "../../kernel/proc/namespace.ts";
import { readNamespaceFile } from "../../kernel/proc/namespace-file.ts";
import type { Finder } from "./finding.ts";
import { foreign } from "./link.ts";

const directories: readonly (readonly [directory: string, owner: string])[] = [
  ["/run/docker/netns", "docker"],
  ["/run/netns", "ip netns, podman or CNI"],
];

export const findForeignNamespaces: Finder = () => {
  const files = directories.flatMap(([directory, owner]) => namesIn(directory).map((name) => ({ path: `${directory}/${name}`, owner })));
  if (files.length === 0) return [];
  const members = readFirstMembers("net");
  return files.flatMap(({ path, owner }) => {
    const file = readNamespaceFile(path);
    if (file && members.has(file.inode)) return [];
    const proof = file ? "no process is in the namespace" : "no namespace is mounted on it";
    const remove = { kind: "mountpoint.remove", path, type: "file" } as const;
    return [
      foreign("namespace", path, proof, owner, ...(file ? [{ kind: "mount.remove", target: path, lazy: true } as const] : []), remove),
    ];
  });
};

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return [];
    throw error;
  }
}
