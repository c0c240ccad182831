// The media types of manifests, configurations and layers: OCI's and docker's names, and what follows from them.
// Knows no content; opencontainers image-spec media-types.md, distribution manifest v2 schema 2.

export const ociManifestType = "application/vnd.oci.image.manifest.v1+json";
export const ociIndexType = "application/vnd.oci.image.index.v1+json";
export const ociConfigType = "application/vnd.oci.image.config.v1+json";
export const ociEmptyType = "application/vnd.oci.empty.v1+json";
export const dockerManifestType = "application/vnd.docker.distribution.manifest.v2+json";
export const dockerListType = "application/vnd.docker.distribution.manifest.list.v2+json";
export const dockerConfigType = "application/vnd.docker.container.image.v1+json";
/** Schema 1: no configuration, ids not by content. Recognised so that it can be refused by name. */
export const schema1Types: readonly string[] = [
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.docker.distribution.manifest.v1+json",
];

export const ociLayerType = "application/vnd.oci.image.layer.v1.tar";
export const ociGzipLayerType = `${ociLayerType}+gzip`;
export const ociZstdLayerType = `${ociLayerType}+zstd`;
export const dockerLayerType = "application/vnd.docker.image.rootfs.diff.tar";
export const dockerGzipLayerType = `${dockerLayerType}.gzip`;
export const dockerZstdLayerType = `${dockerLayerType}.zstd`;
export const foreignLayerType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

/** What a registry is asked for, best first. */
export const manifestTypes: readonly string[] = [ociIndexType, dockerListType, ociManifestType, dockerManifestType];

export type LayerCompression = "none" | "gzip" | "zstd";

const layerCompressions: Readonly<Record<string, LayerCompression>> = {
  [ociLayerType]: "none",
  [ociGzipLayerType]: "gzip",
  [ociZstdLayerType]: "zstd",
  [dockerLayerType]: "none",
  [dockerGzipLayerType]: "gzip",
  [dockerZstdLayerType]: "zstd",
};

/** An image of one platform. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === ociManifestType || mediaType === dockerManifestType;
}

/** A list of manifests ("fat manifest"). */
export function isIndexType(mediaType: string): boolean {
  return mediaType === ociIndexType || mediaType === dockerListType;
}

export function isConfigType(mediaType: string): boolean {
  return mediaType === ociConfigType || mediaType === dockerConfigType;
}

export function isSchema1Type(mediaType: string): boolean {
  return schema1Types.includes(mediaType);
}

/** How a layer is packed; undefined for what is no layer that can be unpacked here. */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  return layerCompressions[mediaType];
}

/** Layers that may not be handed on: they lie on their maker's servers, not in the registry. */
export function isForeignLayerType(mediaType: string): boolean {
  return mediaType.startsWith("application/vnd.docker.image.rootfs.foreign.") || mediaType.includes(".layer.nondistributable.");
}

/** The bare type of a Content-Type header: no parameters, lower case. */
export function bareMediaType(header: string): string {
  return (header.split(";", 1)[0] ?? "").trim().toLowerCase();
}
