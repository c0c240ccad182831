// The mounts of a container that is designed: those it inherits are looked up, anonymous volumes get their names, what cannot be
// mounted is refused. Makes nothing.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { mergeMounts } from "../../container/mount-merge.ts";
import type { MountSpec, StorageSettings } from "../../container/spec/storage.ts";
import { findPlugin } from "../../kernel/plugin/find.ts";
import { findContainer } from "../../store/container-record.ts";
import { getVolume } from "../../store/volume-record.ts";
import { localDriver } from "../../volume/spec.ts";
import type { Engine } from "../engine.ts";

/** `declared`: the image's VOLUME. Throws TsnsError for containers, sources and drivers that are not there. */
export function settleMounts(engine: Engine, { mounts, volumesFrom = [] }: StorageSettings, declared: readonly string[]): MountSpec[] {
  for (const mount of mounts) refuseMissing(mount);
  const inherited = volumesFrom.map((text) => {
    const [name = "", mode] = text.split(":");
    return { mounts: findContainer(engine.store, name).spec.mounts, readOnly: mode === "ro" };
  });
  const settled = mergeMounts({ asked: mounts, inherited, declared, newName: newId });
  for (const mount of settled) {
    refuseLabel(mount);
    refuseDriver(engine, mount);
  }
  // A volume that is there keeps its driver, whoever mounts it.
  return settled.map((mount) => {
    const driver = mount.type === "volume" ? getVolume(engine.store, mount.name)?.driver : undefined;
    return driver === undefined || driver === localDriver ? mount : { ...mount, driver };
  });
}

/** Of --mount; -v makes what is missing. */
export function refuseMissing(mount: MountSpec): void {
  if (mount.type !== "bind" || mount.origin !== "mount" || existsSync(mount.source)) return;
  throw new TsnsError(
    "invalid",
    "no-bind-source",
    `invalid mount config for type "bind": bind source path does not exist: ${mount.source}`,
    { hint: "make it first; -v makes a missing directory by itself", exitCode: 125 },
  );
}

/** Where there are no labels there is nothing to change. */
function refuseLabel(mount: MountSpec): void {
  if (mount.relabel === undefined || !existsSync("/sys/fs/selinux/enforce")) return;
  throw new TsnsError("unsupported", "no-relabel", `${mount.target}: tsns does not change SELinux labels`, {
    hint: "label the files with chcon -Rt container_file_t, and leave out z or Z",
    exitCode: 125,
  });
}

function refuseDriver(engine: Engine, mount: MountSpec): void {
  if (mount.type !== "volume" || mount.driver === undefined) return;
  const known = getVolume(engine.store, mount.name);
  if (known && known.driver !== mount.driver)
    throw new TsnsError(
      "conflict",
      "volume-exists",
      `create ${known.name}: a volume of that name is there already, and it has the driver ${known.driver}`,
      { hint: "choose another name", exitCode: 125 },
    );
  if (known || mount.driver === localDriver || findPlugin(mount.driver) !== undefined) return;
  throw new TsnsError(
    "not-found",
    "no-volume-driver",
    `create ${mount.name}: error looking up volume plugin ${mount.driver}: plugin "${mount.driver}" not found`,
    { hint: "is the plug-in installed and running? The driver local is always there", exitCode: 125 },
  );
}
