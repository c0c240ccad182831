// Use cases: a blob that is uploaded, in one request or in several. What has come stays until the client ends it or an hour passed.
import { TsnsError } from "../../base/error.ts";
import type { StoredBlob } from "../../store/content.ts";
import { hasRepositoryBlob, linkRepositoryBlob, unlinkRepositoryBlob } from "../../store/repository.ts";
import { checkDigest, checkName } from "./name.ts";
import { registryProblem } from "./problem.ts";
import type { RegistryService } from "./service.ts";
import type { Upload } from "./upload.ts";

export interface Part {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Where the client thinks these bytes belong; it says nothing to append. */
  readonly from?: number | undefined;
  /** Ends the request these bytes come with: a newer one goes on with the upload. */
  interrupt(): void;
}

export function beginUpload({ uploads }: RegistryService, name: string): Upload {
  return uploads.open(checkName(name));
}

export function findUpload({ uploads }: RegistryService, name: string, id: string): Upload {
  return uploads.find(checkName(name), id);
}

/** Appends bytes. What came before a connection broke is kept. Throws invalid `registry-blob-upload-range`, unavailable when the disk is full. */
export async function appendPart(service: RegistryService, upload: Upload, part: Part): Promise<void> {
  await service.uploads.write(upload, part.interrupt, () => append(service, upload, part));
}

/** Appends the last bytes and makes the blob visible in the repository. Throws invalid `registry-digest-invalid` when it is another one. */
export async function endUpload(service: RegistryService, upload: Upload, part: Part, digest: string): Promise<StoredBlob> {
  checkDigest(digest);
  return await service.uploads.write(upload, part.interrupt, async () => {
    await append(service, upload, part);
    await upload.ingest.flush();
    return settle(service, upload, digest);
  });
}

export function cancelUpload({ uploads }: RegistryService, upload: Upload): void {
  uploads.close(upload);
}

async function append(service: RegistryService, upload: Upload, { bytes, from }: Part): Promise<void> {
  const { ingest } = upload;
  if (from !== undefined && from !== ingest.writtenBytes) {
    throw registryProblem("registry-blob-upload-range", `the upload has ${ingest.writtenBytes} bytes, these begin at ${from}`);
  }
  for await (const chunk of bytes) {
    try {
      ingest.write(chunk);
    } catch (error) {
      // a part of the chunk may be in the file: nothing can be appended any more
      service.uploads.close(upload);
      throw error;
    }
  }
}

function settle(service: RegistryService, upload: Upload, digest: string): StoredBlob {
  const { engine, uploads } = service;
  const wasLinked = hasRepositoryBlob(engine.store, upload.repository, digest);
  // the row first: a collection between the two would take a blob that nobody names
  linkRepositoryBlob(engine.store, upload.repository, digest, service.nowMs());
  try {
    return upload.ingest.commit(digest);
  } catch (error) {
    if (!wasLinked) unlinkRepositoryBlob(engine.store, upload.repository, digest);
    if (error instanceof TsnsError && error.code === "blob-mismatch")
      throw registryProblem("registry-digest-invalid", error.message, error);
    throw error;
  } finally {
    uploads.close(upload);
  }
}
