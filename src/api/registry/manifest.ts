// Handlers of manifests and of what refers to them.
import { deleteManifest, findManifest, findReferrers, manifestBytesMax, pushManifest } from "../../engine/registry-serve/manifest.ts";
import { answer, answerJson, type Exchange, isKnown, nameAt, placeOf, readBody } from "./exchange.ts";

export async function getManifest(exchange: Exchange): Promise<void> {
  const { bytes, digest, mediaType } = await findManifest(exchange.service, placeOf(exchange), nameAt(exchange, 1));
  const headers = { "Content-Type": mediaType, "Docker-Content-Digest": digest, ETag: `"${digest}"` };
  if (isKnown(exchange, digest)) answer(exchange, 304, headers);
  else answer(exchange, 200, headers, bytes);
}

export async function putManifest(exchange: Exchange): Promise<void> {
  const bytes = await readBody(exchange, manifestBytesMax);
  const mediaType = exchange.request.headers["content-type"]?.split(";")[0]?.trim();
  const reference = nameAt(exchange, 1);
  const { digest, subject } = pushManifest(exchange.service, placeOf(exchange), { reference, mediaType, bytes });
  answer(exchange, 201, {
    Location: `/v2/${nameAt(exchange, 0)}/manifests/${digest}`,
    "Docker-Content-Digest": digest,
    ...(subject === undefined ? {} : { "OCI-Subject": subject }),
  });
}

export function removeManifest(exchange: Exchange): void {
  deleteManifest(exchange.service, placeOf(exchange), nameAt(exchange, 1));
  answer(exchange, 202, {});
}

export function getReferrers(exchange: Exchange): void {
  const type = exchange.query.get("artifactType") ?? undefined;
  const manifests = findReferrers(exchange.service, placeOf(exchange), nameAt(exchange, 1), type).map(
    ({ mediaType, digest, sizeBytes, artifactType, annotations }) => ({ mediaType, digest, size: sizeBytes, artifactType, annotations }),
  );
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const filtered = type === undefined ? {} : { "OCI-Filters-Applied": "artifactType" };
  answerJson(exchange, { schemaVersion: 2, mediaType, manifests }, { "Content-Type": mediaType, ...filtered });
}
