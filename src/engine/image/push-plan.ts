// What a push will do, as steps to show. Asks no registry: what is there already is found out on the way.
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { hostImage } from "../../image/host.ts";
import { dockerManifestType, isManifestType, layerCompression } from "../../image/media-type.ts";
import type { Reference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { blobPath } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { layerBlobsOf } from "../../store/image-content.ts";
import type { Engine } from "../engine.ts";
import { findKept } from "./stored.ts";

/** Throws TsnsError unsupported `host-image`. */
export function planPush(engine: Engine, image: ImageRecord, { domain, path }: Reference, tag: string): PlannedStep[] {
  if (image.id === hostImage.id) {
    throw new TsnsError("unsupported", "host-image", "the image host is this machine's own file system and has no layers to push", {
      hint: "pack what you want of it: tar -C / --one-file-system -c . | tsns import - NAME",
    });
  }
  const repository = `${domain}/${path}`;
  const kept = findKept(engine, image, isManifestType);
  const layers = kept ? kept.layers.map(({ diffId, descriptor }) => ({ diffId, digest: descriptor.digest })) : packedLayers(engine, image);
  const blob = (digest: string, because: string): PlannedStep => ({
    step: {
      kind: "blob.push",
      digest,
      repository,
      ...(blobSize(engine.root, digest) === undefined ? {} : { path: blobPath(engine.root, digest) }),
    },
    because,
  });
  const mediaType = kept?.manifest.mediaType ?? dockerManifestType;
  const manifest = kept ? { path: blobPath(engine.root, kept.manifest.digest) } : {};
  return [
    ...layers.map(({ diffId, digest }) =>
      blob(digest, `the layer ${shortId(diffId)}, unless the registry has it or another repository lends it`),
    ),
    blob(image.id, "the image's configuration"),
    {
      step: { kind: "manifest.push", repository, reference: tag, mediaType, ...manifest },
      because: kept ? "the manifest it came with, so its digest stays" : "made of what was sent; last, so the tag names nothing incomplete",
    },
  ];
}

/** Compressed forms that are there; of others the plain tar's digest, since theirs is known only when they are compressed. */
function packedLayers(engine: Engine, image: ImageRecord): { readonly diffId: string; readonly digest: string }[] {
  return image.diffIds.map((diffId) => {
    const packed = layerBlobsOf(engine.store, diffId).find(({ mediaType }) => layerCompression(mediaType) === "gzip");
    return { diffId, digest: packed?.digest ?? diffId };
  });
}
