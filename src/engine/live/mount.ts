// The mounts of one container: what it asked for, as the kernel has it while it runs, what tsns puts into every one, and how much
// lies in its writable layer. Sizes come later than the rest.
import { mountView } from "../../container/inspect/mount.ts";
import { volumeModes } from "../../container/mount-word.ts";
import { type ContainerRecord, isLive } from "../../container/record.ts";
import type { MountSpec } from "../../container/spec/storage.ts";
import { readMountsOf } from "../../kernel/mount/namespace.ts";
import { sizeSteps } from "../../kernel/tree/size.ts";
import { parsePropagation, renderPropagation } from "../../mount/propagation.ts";
import type { MountState } from "../../mount/state.ts";
import { getContainer } from "../../store/container-record.ts";
import { containerDirectory } from "../container/directory.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { volumeSources } from "../volume/directory.ts";
import { inSlices } from "./slice.ts";
import { watchTold } from "./told.ts";

export interface LiveMountRow {
  /** root: its root file system. asked: by the Spec. added: while it runs. own: what every container has. */
  readonly origin: "root" | "asked" | "added" | "own";
  /** overlay, bind, volume, tmpfs, or the kernel's name of the file system. */
  readonly type: string;
  readonly source: string;
  readonly destination: string;
  /** ro, rw and what else was written, or the mount's options. */
  readonly mode: string;
  /** As the kernel has it; of a container that does not run as it was asked for. */
  readonly propagation: string;
  /** What its files hold; of the writable layer alone. */
  readonly bytes?: number;
}

/** So often the writable layer is measured, and never for more than a twentieth of the time. */
const everyMs = 30_000;
const worth = 20;

const accessOf = ({ options }: Pick<MountState, "options">): string => (options.includes("ro") ? "ro" : "rw");

function askedRow(
  mount: MountSpec,
  origin: "asked" | "added",
  volumes: Readonly<Record<string, string>>,
  seen: MountState | undefined,
): LiveMountRow {
  const view = mountView(mount, volumes);
  const access = seen ? accessOf(seen) : view.RW === true ? "rw" : "ro";
  const words = (mount.type === "tmpfs" ? mount.options : volumeModes(mount)).filter(
    (word) => word !== "ro" && word !== "rw" && word !== `${view.Propagation}`,
  );
  return {
    origin,
    type: mount.type,
    source: mount.type === "volume" ? `${mount.name} (${view.Source})` : `${view.Source}`,
    destination: mount.target,
    mode: [access, ...words].join(","),
    propagation: seen ? renderPropagation(parsePropagation(seen.propagation)) : `${view.Propagation}`,
  };
}

/** The root first, then what was asked for, then the rest by its place. Pure but for the names of directories. */
function rowsOf(
  engine: Engine,
  record: ContainerRecord,
  kernel: readonly MountState[],
  bytes: number | undefined,
): readonly LiveMountRow[] {
  const { spec } = record;
  // The topmost of several at one place is the last.
  const seen = new Map(kernel.map((mount) => [mount.target, mount]));
  const volumes = volumeSources(engine, spec.mounts);
  const root = seen.get("/");
  const asked = [
    ...spec.mounts.map((mount) => askedRow(mount, "asked", volumes, seen.get(mount.target))),
    ...(kernel.length === 0 ? [] : (record.run?.mounts ?? [])).map(({ mount }) =>
      askedRow(mount, "added", volumes, seen.get(mount.target)),
    ),
  ];
  const known = new Set(["/", ...asked.map(({ destination }) => destination)]);
  const own = [...seen.values()]
    .filter(({ target }) => !known.has(target))
    .map(
      (mount): LiveMountRow => ({
        origin: "own",
        type: mount.type,
        source: mount.root === "/" ? mount.source : mount.root,
        destination: mount.target,
        mode: mount.options.filter((word) => word !== "relatime").join(","),
        propagation: renderPropagation(parsePropagation(mount.propagation)),
      }),
    )
    .toSorted((one, other) => (one.destination < other.destination ? -1 : 1));
  const top: LiveMountRow = {
    origin: "root",
    type: root?.type ?? "overlay",
    source: containerDirectory(engine.root, record.id).upper,
    destination: "/",
    mode: root ? accessOf(root) : spec.readOnlyRoot ? "ro" : "rw",
    propagation: root ? renderPropagation(parsePropagation(root.propagation)) : "",
    ...(bytes === undefined ? {} : { bytes }),
  };
  return [top, ...asked, ...own];
}

function read(engine: Engine, id: string, bytes: number | undefined): readonly LiveMountRow[] | undefined {
  const record = getContainer(engine.store, id);
  if (!record) return undefined;
  const state = observeContainer(engine, record);
  const kernel = isLive(state) && state.pid > 0 ? (readMountsOf(state.pid) ?? []) : [];
  return rowsOf(engine, record, kernel, bytes);
}

/** Bytes of the files in its writable layer; where that is a file system in a file, what this takes on disk. */
async function measure(engine: Engine, id: string, signal: AbortSignal): Promise<number | undefined> {
  const { upper, upperImage } = containerDirectory(engine.root, id);
  const files = await inSlices(sizeSteps(upper), signal);
  const image = await inSlices(sizeSteps(upperImage), signal);
  return files && image && files.fileBytes + image.diskBytes;
}

/** Undefined while there is no such container. */
export async function* watchMounts(engine: Engine, id: string, signal: AbortSignal): AsyncGenerator<readonly LiveMountRow[] | undefined> {
  let bytes: number | undefined;
  let dueMs = 0;
  for await (const _ of watchTold(engine, { kind: "container", id }, signal, everyMs)) {
    yield read(engine, id, bytes);
    const startMs = performance.now();
    if (startMs < dueMs) continue;
    const measured = await measure(engine, id, signal);
    const endMs = performance.now();
    dueMs = endMs + Math.max(everyMs / 2, (endMs - startMs) * worth);
    if (measured === undefined || measured === bytes) continue;
    bytes = measured;
    yield read(engine, id, bytes);
  }
}
