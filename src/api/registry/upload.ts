// Handlers of uploads: begun (or answered at once by a mount or by a body with its digest), continued, looked at, ended, given up.
import { mountBlob } from "../../engine/registry-serve/blob.ts";
import { registryProblem } from "../../engine/registry-serve/problem.ts";
import { appendPart, beginUpload, cancelUpload, endUpload, findUpload, type Part } from "../../engine/registry-serve/receive.ts";
import type { Upload } from "../../engine/registry-serve/upload.ts";
import { answer, bodyOf, type Exchange, type Headers, nameAt, placeOf } from "./exchange.ts";
import { parseContentRange } from "./range.ts";

/** POST: mount=DIGEST[&from=NAME], digest=DIGEST with the whole blob as body, or neither. */
export async function beginBlob(exchange: Exchange): Promise<void> {
  const { query, service } = exchange;
  const place = placeOf(exchange);
  const mount = query.get("mount");
  if (mount !== null && mountBlob(service, place, mount, query.get("from") ?? undefined)) return created(exchange, mount);
  const digest = mount === null ? query.get("digest") : null;
  const upload = beginUpload(service, place.name);
  if (digest === null) return answer(exchange, 202, { ...state(upload), Range: "0-0" });
  try {
    await endUpload(service, upload, partOf(exchange), digest);
  } finally {
    // its client has no name for it, so nobody can go on with it
    cancelUpload(service, upload);
  }
  created(exchange, digest);
}

export async function continueBlob(exchange: Exchange): Promise<void> {
  const upload = uploadOf(exchange);
  await keepState(exchange, upload, () => appendPart(exchange.service, upload, partOf(exchange)));
  answer(exchange, 202, state(upload));
}

export async function endBlob(exchange: Exchange): Promise<void> {
  const upload = uploadOf(exchange);
  const digest = exchange.query.get("digest");
  if (digest === null) throw registryProblem("registry-digest-invalid", "the address has no digest=");
  await keepState(exchange, upload, () => endUpload(exchange.service, upload, partOf(exchange), digest));
  created(exchange, digest);
}

export function getUpload(exchange: Exchange): void {
  answer(exchange, 204, state(uploadOf(exchange)));
}

export function cancelBlob(exchange: Exchange): void {
  cancelUpload(exchange.service, uploadOf(exchange));
  answer(exchange, 204, {});
}

function uploadOf(exchange: Exchange): Upload {
  return findUpload(exchange.service, nameAt(exchange, 0), nameAt(exchange, 1));
}

/** A refused range tells where the upload is, so that the client goes on from there. */
async function keepState(exchange: Exchange, upload: Upload, body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    for (const [name, value] of Object.entries(state(upload))) exchange.response.setHeader(name, value);
    throw error;
  }
}

/** Where the upload goes on and what it has; the end of the range is included, so nothing at all is "0-0" as well. */
function state({ repository, id, ingest }: Upload): Headers {
  return {
    "Docker-Upload-UUID": id,
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, ingest.writtenBytes - 1)}`,
  };
}

function partOf(exchange: Exchange): Part {
  const { request } = exchange;
  const bytes = bodyOf(exchange);
  const interrupt = () => void request.destroy();
  const header = request.headers["content-range"];
  if (header === undefined) return { bytes, interrupt };
  const range = parseContentRange(header);
  if (!range) throw registryProblem("registry-blob-upload-invalid", `${JSON.stringify(header)} is no range of bytes`);
  const length = request.headers["content-length"];
  if (length !== undefined && Number(length) !== range.end - range.start + 1) {
    throw registryProblem("registry-size-invalid", `the range ${header} does not have the ${length} bytes of the body`);
  }
  return { bytes, from: range.start, interrupt };
}

function created(exchange: Exchange, digest: string): void {
  answer(exchange, 201, { Location: `/v2/${nameAt(exchange, 0)}/blobs/${digest}`, "Docker-Content-Digest": digest });
}
