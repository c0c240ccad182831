// Device nodes and links of a container (config-linux.md, Devices, Default Devices). Pure.
import { defaultDevices, deviceLinks } from "../../container/oci/default.ts";
import type { Operation } from "../../plan/operation.ts";
import type { RuntimeDevice } from "../config/device.ts";
import type { RuntimeConfig, RuntimeIdMapping } from "../config/type.ts";
import type { DescriptorRange } from "./descriptor.ts";

/** S_IFMT bits of mknod(2). */
const typeBits: Readonly<Record<RuntimeDevice["type"], number>> = { c: 0o020000, b: 0o060000, p: 0o010000 };

const defaultMode = 0o666;

/** Those of the configuration, and the defaults that it does not have itself. /dev/ptmx is the link
 * to the container's own terminals always. */
export function devicesIn({ linux: { devices } }: RuntimeConfig): readonly RuntimeDevice[] {
  const own = new Set(devices.map(({ path }) => path));
  return [...defaultDevices.filter(({ path }) => !own.has(path)), ...devices.filter(({ path }) => path !== "/dev/ptmx")];
}

/** Trees of nodes that the creator makes, by path. */
export type MadeNodes = ReadonlyMap<string, string>;

/** The host's number for one of a user namespace; who is not in it, or whose maps are another's to know, is root there. */
const hostId = (maps: readonly RuntimeIdMapping[], id: number): number => {
  const map = maps.find(({ containerID, size }) => id >= containerID && id < containerID + size);
  return map ? map.hostID + id - map.containerID : 0;
};

/** Those of `paths` that there is a number for. */
export function makeNodes(
  { linux }: RuntimeConfig,
  paths: readonly string[],
  trees: DescriptorRange,
): { readonly operations: readonly Operation[]; readonly made: MadeNodes } {
  const made = new Map<string, string>();
  const operations = linux.devices.flatMap(({ path, type, major, minor, fileMode = defaultMode, uid = 0, gid = 0 }): Operation[] => {
    const tree = paths.includes(path) ? trees.next() : undefined;
    if (tree === undefined) return [];
    made.set(path, tree);
    const owner = [hostId(linux.uidMappings, uid), hostId(linux.gidMappings, gid)] as const;
    return [["node-tree", tree, (typeBits[type] | fileMode).toString(8), `${major}`, `${minor}`, `${owner[0]}`, `${owner[1]}`, path]];
  });
  return { operations, made };
}

/**
 * What is in the place of a default device is replaced, of a device of the configuration left alone: that device, or an error. In a user namespace
 * whose owner nodes of the host cannot have, chown is left out: they are the host's own.
 */
function nodeOperations(
  config: RuntimeConfig,
  made: MadeNodes,
  { path, type, major, minor, fileMode = defaultMode, uid = 0, gid = 0 }: RuntimeDevice,
): Operation[] {
  const tree = made.get(path);
  if (tree !== undefined) return [["bind-tree-at", tree, path, "0", "0", "0"]];
  const isMapped = config.linux.namespaces.some((namespace) => namespace.type === "user");
  const isConfigured = config.linux.devices.some((device) => device.path === path);
  return [
    ["mknod-at", path, (typeBits[type] | fileMode).toString(8), `${major}`, `${minor}`, ...(isConfigured ? ["same"] : [])],
    ...(!isMapped && (uid !== 0 || gid !== 0) ? [["chown-at", path, `${uid}`, `${gid}`] satisfies Operation] : []),
  ];
}

/** Those that a /dev of the host, bound, does not have: the ones of the configuration elsewhere. */
export const deviceOperationsElsewhere = (config: RuntimeConfig, made: MadeNodes): Operation[] =>
  config.linux.devices.filter(({ path }) => !path.startsWith("/dev/")).flatMap((device) => nodeOperations(config, made, device));

export function deviceOperations(config: RuntimeConfig, made: MadeNodes): Operation[] {
  return [
    ...devicesIn(config).flatMap((device) => nodeOperations(config, made, device)),
    ...deviceLinks.map(([target, path]): Operation => ["symlink-at", target, path]),
    ...(config.process?.terminal ? [["touch-at", "/dev/console", "600"] satisfies Operation] : []),
  ];
}
