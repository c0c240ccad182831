// Uploads under way: each a blob that streams into the store, kept between the requests of its client, so that a broken connection goes on
// where it stopped. They live in this process only: after a restart clients begin again, as the specification lets them.
import { randomBytes } from "node:crypto";
import { type Ingest, openIngest } from "../../store/content.ts";
import { registryProblem } from "./problem.ts";

export interface Upload {
  readonly id: string;
  readonly repository: string;
  readonly ingest: Ingest;
}

export interface Uploads extends Disposable {
  readonly count: number;
  /** Throws unavailable `registry-too-many-uploads`. */
  open(repository: string): Upload;
  /** Throws not-found `registry-blob-upload-unknown`. */
  find(repository: string, id: string): Upload;
  /** Ends it; what was not committed is gone. */
  close(upload: Upload): void;
  /**
   * Lets one request at a time write to an upload. A newer request wins: `interrupt` of the one that writes is called, and it is waited for,
   * because it is what a broken connection left behind.
   */
  write<T>(upload: Upload, interrupt: () => void, body: () => Promise<T>): Promise<T>;
}

interface Entry {
  readonly upload: Upload;
  touchedMs: number;
  writer: { readonly interrupt: () => void; readonly done: Promise<unknown> } | undefined;
}

export interface UploadLimits {
  readonly max: number;
  readonly idleMs: number;
  nowMs(): number;
}

export function openUploads(root: string, { max, idleMs, nowMs }: UploadLimits): Uploads {
  const entries = new Map<string, Entry>();
  const drop = (entry: Entry) => {
    entries.delete(entry.upload.id);
    entry.upload.ingest[Symbol.dispose]();
  };
  const dropIdle = () => {
    for (const entry of entries.values()) if (!entry.writer && nowMs() - entry.touchedMs >= idleMs) drop(entry);
  };
  const timer = setInterval(dropIdle, Math.min(idleMs, 60_000)).unref();
  const unknown = (id: string) => registryProblem("registry-blob-upload-unknown", `there is no upload ${id} here: begin again`);
  return {
    get count() {
      return entries.size;
    },
    open(repository) {
      dropIdle();
      if (entries.size >= max) throw registryProblem("registry-too-many-uploads", `${max} uploads are under way: try again later`);
      const id = randomBytes(16).toString("hex");
      const upload = { id, repository, ingest: openIngest(root, `upload ${id}`) };
      entries.set(id, { upload, touchedMs: nowMs(), writer: undefined });
      return upload;
    },
    find(repository, id) {
      const entry = entries.get(id);
      if (entry?.upload.repository !== repository) throw unknown(id);
      return entry.upload;
    },
    close({ id }) {
      const entry = entries.get(id);
      if (entry) drop(entry);
    },
    async write(upload, interrupt, body) {
      const entry = entries.get(upload.id);
      if (!entry) throw unknown(upload.id);
      while (entry.writer) {
        entry.writer.interrupt();
        await entry.writer.done;
      }
      if (!entries.has(upload.id)) throw unknown(upload.id);
      const work = body();
      entry.writer = { interrupt, done: work.catch(() => {}) };
      try {
        return await work;
      } finally {
        entry.writer = undefined;
        entry.touchedMs = nowMs();
      }
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const entry of entries.values()) drop(entry);
    },
  };
}
