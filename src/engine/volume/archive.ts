// Use cases: the files of a volume as a tar, and a tar into a volume.
import { realpathSync } from "node:fs";
import { type Applied, applyTar } from "../../kernel/layer/apply-tar.ts";
import type { Exported } from "../../kernel/layer/merge.ts";
import { newKeptName } from "../../kernel/tree/keep.ts";
import { checkWritable, openOutputFile } from "../../kernel/tree/output-file.ts";
import { type Chunks, checkReadable, readFileChunks } from "../../kernel/tree/stream.ts";
import { exportVolume as writeVolume } from "../../kernel/volume/archive.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { VolumeRecord } from "../../volume/spec.ts";
import { openChangeJournal } from "../change-journal.ts";
import type { Engine } from "../engine.ts";
import { findUnpackLimits } from "../image/unpack-limit.ts";
import { withLock } from "../lock.ts";
import { volumeDirectory } from "./directory.ts";
import { findVolume } from "./list.ts";
import { mountOnce, planDevice } from "./prepare.ts";
import { unmountUnused } from "./release.ts";
import { volumeOwner } from "./store.ts";

export interface VolumeExportRequest {
  readonly name: string;
  /** Absolute, or "-". */
  readonly output: string;
  readonly write: (bytes: Uint8Array) => void;
  readonly signal: AbortSignal;
}

/** Undefined after a dry run. Throws not-found, KernelError for the file. */
export async function exportVolume(engine: Engine, { name, output, write, signal }: VolumeExportRequest): Promise<Exported | undefined> {
  const record = findVolume(engine, name);
  const { data } = volumeDirectory(engine.root, name);
  if (output !== "-") checkWritable(output);
  const step: PlannedStep = { step: { kind: "volume.export", data, archive: output }, because: `the files of volume ${name}` };
  if (engine.show({ steps: [...planDevice(engine, record, record.name), step] })) return undefined;
  return withFiles(engine, record, async () => {
    if (output === "-") return writeVolume(data, write, signal);
    using file = openOutputFile(output);
    const exported = writeVolume(data, file.write, signal);
    file.commit();
    return exported;
  });
}

export interface VolumeImportRequest {
  readonly name: string;
  /** Absolute, or "-". */
  readonly archive: string;
  readonly readStdin: () => Chunks;
  readonly signal: AbortSignal;
  readonly unpackLimit?: string | undefined;
}

/** What fails leaves the volume as it was. Undefined after a dry run. Throws not-found, invalid `bad-archive`. */
export async function importVolume(engine: Engine, request: VolumeImportRequest): Promise<Applied | undefined> {
  const { name, archive, signal } = request;
  const record = findVolume(engine, name);
  const { data } = volumeDirectory(engine.root, name);
  const limits = findUnpackLimits(engine, request.unpackLimit);
  if (archive !== "-") checkReadable(archive);
  const kept = newKeptName();
  const step: PlannedStep = {
    step: { kind: "volume.import", archive, data },
    because: `over what is in volume ${name}`,
    undo: { kind: "tree.restore", path: data, kept },
  };
  if (engine.show({ steps: [...planDevice(engine, record, record.name), step] })) return undefined;
  return withFiles(engine, record, async () => {
    const journal = openChangeJournal(engine, { steps: [step] });
    try {
      journal.begin(step);
      const source = archive === "-" ? request.readStdin() : readFileChunks(archive);
      return await applyTar(source, realpathSync(data), { whiteouts: "overlay", plain: true, kept, signal, limits });
    } finally {
      journal.end();
    }
  });
}

/** With its device mounted meanwhile. */
async function withFiles<T>(engine: Engine, record: VolumeRecord, body: () => Promise<T>): Promise<T> {
  const steps = planDevice(engine, record, record.name);
  const owner = volumeOwner(record.name);
  await withLock(engine, owner, "volume mount", async () => {
    await engine.apply({
      steps: [
        {
          step: { kind: "directory.create", path: volumeDirectory(engine.root, record.name).data, mode: 0o755 },
          because: "a killed command has not made it",
        },
      ],
    });
    if (steps.length > 0) await mountOnce(engine, record, { steps });
  });
  try {
    return await body();
  } finally {
    if (steps.length > 0) await unmountUnused(engine, record.name);
  }
}
