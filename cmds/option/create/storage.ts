// Options on what is mounted into a container, and on how much it may write.
import { parseBytes } from "../../../src/base/unit.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { MountSpec } from "../../../src/container/spec/storage.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { parseTmpfs, parseVolume } from "../mount.ts";
import { parseMount } from "../mount-field.ts";
import { badOption, type CreatePart, refusedOption } from "./part.ts";

export const storageOptions = {
  mount: {
    type: "list",
    value: "mount",
    describe: "Attach a filesystem mount to the container, such as type=bind,source=/HOST,target=/PATH",
  },
  "storage-opt": { type: "list", describe: "Limit what the container writes to its root file system: size=BYTES" },
  tmpfs: { type: "list", describe: "Mount a tmpfs directory" },
  volume: { type: "list", short: "v", describe: "Bind mount a volume, a directory or a file", completes: "volume" },
  "volume-driver": { type: "string", describe: "Optional volume driver for the container" },
  "volumes-from": { type: "list", describe: "Mount volumes from the specified containers", completes: "container" },
} as const satisfies OptionTable;

export function parseStorage({ context, problems, read }: CreatePart, values: ValuesOf<typeof storageOptions>) {
  const { volume = [], mount = [], tmpfs = [] } = values;
  const volumeDriver = values["volume-driver"] || undefined;
  const mounts = [
    ...volume.map((text) => () => parseVolume(text, context.cwd, volumeDriver)),
    ...mount.map((text) => () => parseMount(text, context.cwd)),
    ...tmpfs.map((text) => () => parseTmpfs(text)),
  ].flatMap((parse): MountSpec[] => problems.collect(() => [parse()], []));
  const seen = new Set<string>();
  const kept = mounts.filter((it) => !isCovered(it, mounts));
  for (const { target } of kept) {
    if (seen.has(target)) problems.refuse(`duplicate mount point: ${target}`, "give each path inside the container once");
    seen.add(target);
  }
  const volumesFrom = values["volumes-from"] ?? [];
  for (const text of volumesFrom) read(() => checkVolumesFrom(text), undefined);
  const storageBytes = read(() => parseStorageOptions(values["storage-opt"] ?? []), undefined);
  return {
    mounts: kept,
    ...(volumesFrom.length > 0 ? { volumesFrom } : {}),
    ...(volumeDriver === undefined ? {} : { volumeDriver }),
    ...(storageBytes === undefined ? {} : { storageBytes }),
  } satisfies Partial<CreateRequest>;
}

/** An anonymous volume of -v is none where something else is mounted; the same path twice is one. */
function isCovered(mount: MountSpec, mounts: readonly MountSpec[]): boolean {
  if (mount.type !== "volume" || !mount.anonymous || mount.origin !== "volume") return false;
  const there = mounts.filter(({ target }) => target === mount.target);
  return there.some((it) => it.type !== "volume" || !it.anonymous) || there[0] !== mount;
}

function checkVolumesFrom(text: string): void {
  const [name = "", mode, ...rest] = text.split(":");
  if (name === "" || rest.length > 0) throw refusedOption(`invalid volumes-from specification: "${text}"`, "write it as CONTAINER[:ro]");
  if (mode !== undefined && !["ro", "rw", "z", "Z"].includes(mode))
    throw refusedOption(`--volumes-from ${text}: invalid mode: ${mode}`, "use ro or rw");
}

/** Enough for ext4's own structures and something to write. */
const storageMinBytes = 16 * 1024 ** 2;

function parseStorageOptions(list: readonly string[]): number | undefined {
  let bytes: number | undefined;
  for (const text of list) {
    const [key, value = ""] = text.split("=", 2);
    if (key !== "size")
      throw (text.includes("=") ? refusedOption : badOption)(`--storage-opt ${text}: unknown option "${key}"`, "there is size=BYTES");
    bytes = parseBytes(value, "--storage-opt size");
    if (bytes < storageMinBytes) throw badOption(`--storage-opt ${text}: too small for a file system`, "give at least size=16m");
  }
  return bytes;
}
