// Use cases: blobs of a repository looked for, opened, mounted from another one, taken away.
import { createReadStream, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { isErrno } from "../../base/error.ts";
import { blobPath } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { hasRepositoryBlob, isRepositoryContent, linkRepositoryBlob, unlinkRepositoryBlob } from "../../store/repository.ts";
import { isLocalBlob } from "./local-image.ts";
import { checkDigest, checkName, type Place } from "./name.ts";
import { registryProblem } from "./problem.ts";
import type { RegistryService } from "./service.ts";

export interface ServedBlob {
  readonly digest: string;
  readonly sizeBytes: number;
  /** Bytes from `start` to `end`, both included. Throws not-found when it has been collected meanwhile. */
  open(start: number, end: number): Readable;
}

const readBytes = 512 << 10;

/** Throws not-found `registry-blob-unknown`. */
export function findBlob(service: RegistryService, place: Place, digest: string): ServedBlob {
  checkName(place.name);
  checkDigest(digest);
  const sizeBytes = offeredSize(service, place, digest);
  if (sizeBytes === undefined) throw unknown(place.name, digest);
  const open = (start: number, end: number): Readable => {
    try {
      // opened before the answer begins: from here on a collection takes only the name away
      const fd = openSync(blobPath(service.engine.root, digest), "r");
      return createReadStream("", { fd, start, end, highWaterMark: readBytes });
    } catch (error) {
      throw isErrno(error, "ENOENT") ? unknown(place.name, digest) : error;
    }
  };
  return { digest, sizeBytes, open };
}

/** Size of a blob that the repository offers and that is there. */
export function offeredSize({ engine }: RegistryService, place: Place, digest: string): number | undefined {
  const isOffered = hasRepositoryBlob(engine.store, place.name, digest) || isLocalBlob(engine, place, digest);
  return isOffered ? blobSize(engine.root, digest) : undefined;
}

/** Lets a repository offer a blob of another one, of any if `from` is undefined; false where it is not to be had. */
export function mountBlob(service: RegistryService, place: Place, digest: string, from: string | undefined): boolean {
  checkName(place.name);
  checkDigest(digest);
  if (from !== undefined) checkName(from);
  const { engine } = service;
  return engine.store.transaction(() => {
    const source = from === undefined ? blobSize(engine.root, digest) : offeredSize(service, { ...place, name: from }, digest);
    if (source === undefined) return false;
    linkRepositoryBlob(engine.store, place.name, digest, service.nowMs());
    return true;
  });
}

/** Throws not-found `registry-blob-unknown`, unsupported `registry-unsupported` for one that a manifest or an image has. */
export function deleteBlob({ engine }: RegistryService, place: Place, digest: string): void {
  checkName(place.name);
  checkDigest(digest);
  engine.store.transaction(() => {
    if (isRepositoryContent(engine.store, place.name, digest)) {
      throw registryProblem("registry-unsupported", `a manifest of ${place.name} has the blob ${digest}: delete that one`);
    }
    if (!unlinkRepositoryBlob(engine.store, place.name, digest)) throw unknown(place.name, digest);
  });
}

function unknown(name: string, digest: string): Error {
  return registryProblem("registry-blob-unknown", `${name} has no blob ${digest}`);
}
