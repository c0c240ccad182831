// A pull as steps to show: what is fetched from where, unpacked where, and named. Pure.
import { shortId } from "../../base/id.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { FetchedManifest } from "../../registry/manifest.ts";

export interface PullPlan {
  readonly root: string;
  /** HOST[:PORT]/REPOSITORY */
  readonly repository: string;
  readonly imageId: string;
  readonly names: readonly string[];
  /** The tag or digest asked for. */
  readonly asked: string;
  readonly manifests: readonly FetchedManifest[];
  /** Blobs that are not in the store, with what they are; layers with the place they are unpacked to, those that are unpacked already without. */
  readonly config: { readonly digest: string; readonly isThere: boolean };
  readonly layers: readonly { readonly digest: string; readonly isThere: boolean; readonly directory?: string }[];
}

export function planPull(plan: PullPlan): PlannedStep[] {
  const { root, repository, manifests, config, layers, imageId, names } = plan;
  const path = (digest: string) => `${root}/blobs/sha256/${digest.slice("sha256:".length)}`;
  const fetch = (digest: string, because: string): PlannedStep => ({
    step: { kind: "blob.fetch", repository, digest, path: path(digest) },
    because,
  });
  return [
    ...[...manifests].reverse().map(
      (manifest, at): PlannedStep => ({
        step: {
          kind: "manifest.fetch",
          repository,
          reference: at === 0 ? plan.asked : manifest.digest,
          digest: manifest.digest,
          mediaType: manifest.mediaType,
          path: path(manifest.digest),
        },
        because: because(at, manifests.length),
      }),
    ),
    ...(config.isThere ? [] : [fetch(config.digest, "the image's configuration, whose digest is the image's id")]),
    ...layers.flatMap(({ digest, isThere, directory }): PlannedStep[] => [
      ...(isThere ? [] : [fetch(digest, becauseOf(digest, directory))]),
      ...(directory === undefined
        ? []
        : [
            {
              step: { kind: "layer.unpack", archive: path(digest), directory },
              because: "verified against its diff id; in nobody's sight until it is complete",
            } as const,
          ]),
    ]),
    {
      step: { kind: "image.put", id: imageId, names },
      because: "layers are renamed to their digests, the image becomes known, all or nothing",
    },
  ];
}

function becauseOf(digest: string, directory: string | undefined): string {
  const layer = `the layer ${shortId(digest)}`;
  return directory === undefined
    ? `${layer} is there without its bytes, which save and push need`
    : `no image has ${layer} yet; hashed and unpacked while it comes`;
}

function because(at: number, count: number): string {
  if (at > 0) return "the entry of the index for this platform";
  return count > 1 ? "the name stands for an index of several platforms" : "what the name stands for: configuration and layers by digest";
}
