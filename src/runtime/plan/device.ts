// Device nodes and links of a container (config-linux.md, Devices, Default Devices). Pure.
import { defaultDevices, deviceLinks } from "../../container/oci/default.ts";
import type { Operation } from "../../plan/operation.ts";
import type { RuntimeDevice } from "../config/device.ts";
import type { RuntimeConfig } from "../config/type.ts";

/** S_IFMT bits of mknod(2). */
const typeBits: Readonly<Record<RuntimeDevice["type"], number>> = { c: 0o020000, b: 0o060000, p: 0o010000 };

const defaultMode = 0o666;

/** Those of the configuration, and the defaults that it does not have itself. /dev/ptmx is the link
 * to the container's own terminals always. */
export function devicesIn({ linux: { devices } }: RuntimeConfig): readonly RuntimeDevice[] {
  const own = new Set(devices.map(({ path }) => path));
  return [...defaultDevices.filter(({ path }) => !own.has(path)), ...devices.filter(({ path }) => path !== "/dev/ptmx")];
}

/**
 * What is in the place of a default device is replaced, of a device of the configuration left alone: that device, or an error. In a user namespace
 * whose owner nodes of the host cannot have, chown is left out: they are the host's own.
 */
function nodeOperations(
  config: RuntimeConfig,
  { path, type, major, minor, fileMode = defaultMode, uid = 0, gid = 0 }: RuntimeDevice,
): Operation[] {
  const isMapped = config.linux.namespaces.some((namespace) => namespace.type === "user");
  const isConfigured = config.linux.devices.some((device) => device.path === path);
  return [
    ["mknod-at", path, (typeBits[type] | fileMode).toString(8), `${major}`, `${minor}`, ...(isConfigured ? ["same"] : [])],
    ...(!isMapped && (uid !== 0 || gid !== 0) ? [["chown-at", path, `${uid}`, `${gid}`] satisfies Operation] : []),
  ];
}

/** Those that a /dev of the host, bound, does not have: the ones of the configuration elsewhere. */
export const deviceOperationsElsewhere = (config: RuntimeConfig): Operation[] =>
  config.linux.devices.filter(({ path }) => !path.startsWith("/dev/")).flatMap((device) => nodeOperations(config, device));

export function deviceOperations(config: RuntimeConfig): Operation[] {
  return [
    ...devicesIn(config).flatMap((device) => nodeOperations(config, device)),
    ...deviceLinks.map(([target, path]): Operation => ["symlink-at", target, path]),
    ...(config.process?.terminal ? [["touch-at", "/dev/console", "600"] satisfies Operation] : []),
  ];
}
