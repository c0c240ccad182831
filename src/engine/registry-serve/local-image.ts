// Images of the store as a registry has them: those with a name here can be pulled, though nobody pushed them. An image that came without
// manifest (loaded, imported, built) gets one at its first request, and its layers their compressed form.
import { shortId } from "../../base/id.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { putBlob } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { type LayerBlob, layerBlobsOf, type ManifestRow, manifestsOf, putManifest, releaseBlobs } from "../../store/image-content.ts";
import { imagesNamed, type NamedImage, repositoriesOfImages } from "../../store/named-image.ts";
import type { Engine } from "../engine.ts";
import { openLayerBlob } from "../image/layer-source.ts";
import { localRepositories, nameOfLocal, type Place } from "./name.ts";
import { registryProblem } from "./problem.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";

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
  return localImages(engine, place).some(
    ({ image }) =>
      image.id === digest ||
      manifestsOf(engine.store, image.id).some((manifest) => manifest.digest === digest) ||
      image.diffIds.some((diffId) => layerBlobsOf(engine.store, diffId).some((blob) => blob.digest === digest)),
  );
}

/** The manifest of a tag or with a digest; made where the image has none. Throws not-found with the reason why it cannot be. */
export async function findLocalManifest(
  engine: Engine,
  place: Place,
  wanted: { readonly tag: string } | { readonly digest: string },
): Promise<ManifestRow | undefined> {
  const images = localImages(engine, place);
  if ("digest" in wanted) {
    const rows = images.flatMap(({ image }) => manifestsOf(engine.store, image.id));
    return rows.find(({ digest }) => digest === wanted.digest);
  }
  const image = images.find(({ tag }) => tag === wanted.tag)?.image;
  return image && (ownManifest(engine, image) ?? (await makeManifest(engine, image)));
}

/** The image's own manifest, not an index it came through, if all of it is in the store. */
function ownManifest(engine: Engine, image: ImageRecord): ManifestRow | undefined {
  const isComplete = image.diffIds.every((diffId) => layerBlobsOf(engine.store, diffId).some((blob) => isThere(engine, blob)));
  if (!isComplete) return undefined;
  return manifestsOf(engine.store, image.id).find(
    ({ digest, mediaType }) => !/index|manifest\.list/.test(mediaType) && blobSize(engine.root, digest) !== undefined,
  );
}

function isThere(engine: Engine, { digest, sizeBytes }: LayerBlob): boolean {
  return blobSize(engine.root, digest) === sizeBytes;
}

async function makeManifest(engine: Engine, image: ImageRecord): Promise<ManifestRow> {
  const configBytes = blobSize(engine.root, image.id);
  if (configBytes === undefined) throw registryProblem("registry-manifest-unknown", `the image ${shortId(image.id)} has no configuration`);
  try {
    const layers: LayerBlob[] = [];
    for (const diffId of image.diffIds) layers.push((await openLayerBlob(engine, diffId, "gzip")).blob);
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, digest: image.id, size: configBytes },
      layers: layers.map(({ digest, sizeBytes }) => ({
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest,
        size: sizeBytes,
      })),
    });
    return engine.store.transaction(() => {
      const row = { digest: putBlob(engine.root, text), mediaType: manifestType };
      putManifest(engine.store, image.id, row);
      return row;
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw registryProblem("registry-manifest-unknown", `no manifest can be made for ${shortId(image.id)}: ${error.message}`, error);
  } finally {
    releaseBlobs(engine.store, engine.self.pid);
  }
}
