// Volumes that a plug-in keeps: made, mounted and given back through docker's plug-in protocol. Its mount is bound on the volume's own
// directory, so that containers find it where all volumes are.
import { KernelError, TsnsError } from "../../base/error.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { PluginMount, PluginUnmount } from "../../plan/step/volume.ts";
import { removeMount } from "../mount/act.ts";
import { runMountProgram } from "../mount/native.ts";
import { callPlugin } from "../plugin/call.ts";
import { findPlugin } from "../plugin/find.ts";

/** MS_BIND | MS_REC, mount(2). */
const bindAll = 4096 | 16_384;

/** The address of a volume driver. Throws not-found in docker's words. */
export function requireDriver(driver: string, what: string): string {
  const address = findPlugin(driver);
  if (address !== undefined) return address;
  throw new TsnsError("not-found", "no-volume-driver", `${what}: error looking up volume plugin ${driver}: plugin "${driver}" not found`, {
    hint: "is the plug-in installed and running? The driver local is always there",
  });
}

/** What the plug-in knows of a volume; undefined when it knows none. */
export async function getForeign(driver: string, address: string, name: string): Promise<JsonObject | undefined> {
  try {
    const { Volume } = await callPlugin(driver, address, "VolumeDriver.Get", { Name: name });
    return isObject(Volume) ? Volume : undefined;
  } catch (error) {
    if (error instanceof TsnsError && error.code === "plugin-refused") return undefined;
    throw error;
  }
}

/** Makes sure that the plug-in has the volume. Throws unsupported for a plug-in that is no volume driver. */
export async function ensureForeign(
  driver: string,
  address: string,
  name: string,
  options: Readonly<Record<string, string>>,
): Promise<void> {
  const { Implements } = await callPlugin(driver, address, "Plugin.Activate");
  if (!Array.isArray(Implements) || !Implements.includes("VolumeDriver"))
    throw new TsnsError("unsupported", "no-volume-driver", `create ${name}: plugin "${driver}" is no volume driver`);
  if (!(await getForeign(driver, address, name))) await callPlugin(driver, address, "VolumeDriver.Create", { Name: name, Opts: options });
}

export const removeForeign = async (driver: string, address: string, name: string): Promise<void> =>
  void (await callPlugin(driver, address, "VolumeDriver.Remove", { Name: name }));

export async function mountForeign({ name, driver, address, options, id, data }: PluginMount): Promise<void> {
  await ensureForeign(driver, address, name, options);
  const { Mountpoint } = await callPlugin(driver, address, "VolumeDriver.Mount", { Name: name, ID: id });
  if (typeof Mountpoint !== "string" || !Mountpoint.startsWith("/"))
    throw new TsnsError(
      "unavailable",
      "plugin-unreachable",
      `volume plugin ${driver}: VolumeDriver.Mount: it names no mount point for ${name}`,
    );
  try {
    runMountProgram(["mount-type", data, Mountpoint, "", `${bindAll}`, ""]);
  } catch (error) {
    await callPlugin(driver, address, "VolumeDriver.Unmount", { Name: name, ID: id });
    if (!(error instanceof KernelError)) throw error;
    throw new KernelError(error.syscall, error.errno, Mountpoint, {
      message: `volume ${name}: what the plugin ${driver} has mounted on ${Mountpoint} cannot be bound: ${error.errno}`,
      cause: error,
    });
  }
}

export async function unmountForeign({ name, driver, address, id, data }: PluginUnmount): Promise<void> {
  removeMount({ kind: "mount.remove", target: data, lazy: true });
  await callPlugin(driver, address, "VolumeDriver.Unmount", { Name: name, ID: id });
}
