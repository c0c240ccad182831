// The small members of an archive of images, as docker since version 25 writes them: docker's manifest.json and repositories beside an OCI
// layout, all over the same blobs. The same images give the same bytes. Pure.
import { blobMember } from "./archive.ts";
import type { Descriptor } from "./manifest.ts";
import { ociIndexType } from "./media-type.ts";
import { type Reference, renderRepository } from "./reference.ts";

export interface RenderedImage {
  /** Digest of the configuration. */
  readonly id: string;
  /** Of the manifest, with the platform. */
  readonly manifest: Descriptor;
  readonly layers: readonly { readonly diffId: string; readonly descriptor: Descriptor }[];
  /** Each with a tag. */
  readonly references: readonly Reference[];
}

const tagOf = ({ tag = "latest" }: Reference): string => tag;
const nameOf = (reference: Reference): string => `${renderRepository(reference)}:${tagOf(reference)}`;
const fullNameOf = (reference: Reference): string => `${reference.domain}/${reference.path}:${tagOf(reference)}`;

/** docker's manifest.json: one entry for an image, with all of its names. */
export function renderDockerManifest(images: readonly RenderedImage[]): string {
  return JSON.stringify(
    images.map(({ id, layers, references }) => ({
      Config: blobMember(id),
      RepoTags: references.length === 0 ? null : references.map(nameOf),
      Layers: layers.map(({ descriptor }) => blobMember(descriptor.digest)),
      LayerSources: Object.fromEntries(
        layers.map(({ diffId, descriptor: { mediaType, sizeBytes, digest } }) => [diffId, { mediaType, size: sizeBytes, digest }]),
      ),
    })),
  );
}

/** docker's oldest index: for each name the uppermost layer. Undefined where there is none to name. */
export function renderRepositories(images: readonly RenderedImage[]): string | undefined {
  const repositories = new Map<string, Map<string, string>>();
  for (const { layers, references } of images) {
    const top = layers.at(-1)?.descriptor.digest.slice("sha256:".length);
    for (const reference of top === undefined ? [] : references) {
      const name = renderRepository(reference);
      repositories.set(name, (repositories.get(name) ?? new Map()).set(tagOf(reference), top));
    }
  }
  if (repositories.size === 0) return undefined;
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted(repositories).map(([name, tags]) => [name, Object.fromEntries(sorted(tags))])));
}

/**
 * The index of the OCI layout: a manifest once for each of its names. `refNames`: what other tools find them by, the tag alone (and beside it
 * containerd's full name) as docker writes it, or the full name as podman does: a tool that renames an image knows only this one.
 */
export function renderLayoutIndex(images: readonly RenderedImage[], refNames: "tag" | "full"): string {
  const manifests = images.flatMap(({ manifest, references }) => {
    const { mediaType, digest, sizeBytes, platform } = manifest;
    const { os, architecture, variant } = platform ?? { os: "linux", architecture: "", variant: "" };
    const described = {
      mediaType,
      digest,
      size: sizeBytes,
      ...(platform ? { platform: { architecture, os, ...(variant === "" ? {} : { variant }) } } : {}),
    };
    if (references.length === 0) return [described];
    return references.map((reference) => ({
      ...described,
      annotations: {
        ...(refNames === "tag" ? { "io.containerd.image.name": fullNameOf(reference) } : {}),
        "org.opencontainers.image.ref.name": refNames === "tag" ? tagOf(reference) : fullNameOf(reference),
      },
    }));
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: ociIndexType, manifests });
}

/** The member oci-layout. */
export const layoutMark = '{"imageLayoutVersion":"1.0.0"}';
