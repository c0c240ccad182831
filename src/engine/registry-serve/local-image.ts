// Images of the store as a registry has them: those with a name here can be pulled, though nobody pushed them. An image that came without
// manifest (loaded, imported, built) gets one at its first request, and its layers their compressed form.
import { shortId } from "../../base/id.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { putBlob } from "../../store/blob.ts";
import { blobSize, openIngest } from "../../store/content.ts";
import { type ManifestRow, putLayerBlob, putManifest, releaseBlobs } from "../../store/image-content.ts";
import { imagesNamed, type NamedImage, ownersOfBlob, repositoriesOfImages } from "../../store/named-image.ts";
import type { Engine } from "../engine.ts";
import { openStoredImage, type StoredLayer } from "../image/stored.ts";
import { localRepositories, nameOfLocal, type Place } from "./name.ts";
import { registryProblem } from "./problem.ts";
import type { RegistryService } from "./service.ts";

/** Images with a name in the repository. */
export function localImages(engine: Engine, place: Place): readonly NamedImage[] {
  return localRepositories(place).flatMap((repository) => imagesNamed(engine.store, repository));
}

/** Names of repositories that images of the store are in. */
export function localNames(engine: Engine, host: string): readonly string[] {
  return repositoriesOfImages(engine.store).flatMap((repository) => nameOfLocal(repository, host) ?? []);
}

/** Whether an image of the repository has this blob: its configuration, manifest or a layer. */
export function isLocalBlob(engine: Engine, place: Place, digest: string): boolean {
  const { diffIds, manifests } = ownersOfBlob(engine.store, digest);
  return localImages(engine, place).some(
    ({ image }) =>
      image.id === digest ||
      manifests.some((owner) => owner.image === image.id) ||
      diffIds.some((diffId) => image.diffIds.includes(diffId)),
  );
}

/** The manifest of a tag or with a digest; made where the image has none that can be had. Throws not-found with the reason why it cannot be. */
export async function findLocalManifest(
  service: RegistryService,
  place: Place,
  wanted: { readonly tag: string } | { readonly digest: string },
): Promise<ManifestRow | undefined> {
  const { engine } = service;
  const images = localImages(engine, place);
  if ("digest" in wanted) {
    const { manifests } = ownersOfBlob(engine.store, wanted.digest);
    const owner = manifests.find((row) => images.some(({ image }) => image.id === row.image));
    return owner && { digest: wanted.digest, mediaType: owner.mediaType };
  }
  const image = images.find(({ tag }) => tag === wanted.tag)?.image;
  return image && (await offerOnce(service, image));
}

function offerOnce({ engine, making }: RegistryService, image: ImageRecord): Promise<ManifestRow> {
  const running = making.get(image.id);
  if (running) return running;
  const made = offer(engine, image).finally(() => {
    making.delete(image.id);
    if (making.size === 0) releaseBlobs(engine.store, engine.self.pid);
  });
  making.set(image.id, made);
  return made;
}

/** The manifest it came with, if all that it names can be had, else one that is made. All of it is in the store then. */
async function offer(engine: Engine, image: ImageRecord): Promise<ManifestRow> {
  try {
    const { isKept, layers, manifest } = await openStoredImage(engine, image, { family: "docker", layers: "packed", keeps: () => true });
    for (const layer of layers) if (blobSize(engine.root, layer.descriptor.digest) === undefined) await keepLayer(engine, layer);
    const { bytes, digest, mediaType } = manifest;
    if (!isKept) {
      engine.store.transaction(() => {
        putBlob(engine.root, bytes);
        putManifest(engine.store, image.id, { digest, mediaType });
      });
    }
    return { digest, mediaType };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw registryProblem("registry-manifest-unknown", `no manifest can be made for ${shortId(image.id)}: ${error.message}`, error);
  }
}

/** A layer that can only be written again, as its manifest names it. */
async function keepLayer(engine: Engine, { diffId, descriptor, open }: StoredLayer): Promise<void> {
  const { digest, mediaType, sizeBytes } = descriptor;
  using ingest = openIngest(engine.root, `the layer ${shortId(diffId)}`, { digest, sizeBytes });
  for await (const chunk of open()) ingest.write(chunk);
  engine.store.transaction(() => {
    ingest.commit();
    putLayerBlob(engine.store, diffId, { digest, mediaType, sizeBytes });
  });
}
