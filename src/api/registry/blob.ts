// Handlers of blobs: download whole or in ranges, HEAD, delete.
import { pipeline } from "node:stream/promises";
import { deleteBlob, findBlob } from "../../engine/registry-serve/blob.ts";
import { answer, type Exchange, isKnown, nameAt, placeOf } from "./exchange.ts";
import { parseRange } from "./range.ts";

export async function getBlob(exchange: Exchange): Promise<void> {
  const { request, response, service } = exchange;
  const blob = findBlob(service, placeOf(exchange), nameAt(exchange, 1));
  const headers = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "max-age=31536000",
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": blob.digest,
    ETag: `"${blob.digest}"`,
  };
  if (isKnown(exchange, blob.digest)) return answer(exchange, 304, headers);
  const range = isRangeValid(request.headers["if-range"], blob.digest) ? parseRange(request.headers.range, blob.sizeBytes) : undefined;
  if (range === "unsatisfiable") return answer(exchange, 416, { ...headers, "Content-Range": `bytes */${blob.sizeBytes}` });
  const { start, end } = range ?? { start: 0, end: blob.sizeBytes - 1 };
  const stream = request.method === "HEAD" || blob.sizeBytes === 0 ? undefined : blob.open(start, end);
  response.writeHead(range ? 206 : 200, {
    ...headers,
    "Content-Length": end - start + 1,
    ...(range ? { "Content-Range": `bytes ${start}-${end}/${blob.sizeBytes}` } : {}),
  });
  if (stream) await pipeline(stream, response);
  else response.end();
}

/** A range counts only for the bytes the client has the beginning of. */
function isRangeValid(condition: string | readonly string[] | undefined, digest: string): boolean {
  return condition === undefined || condition === `"${digest}"`;
}

export function removeBlob(exchange: Exchange): void {
  deleteBlob(exchange.service, placeOf(exchange), nameAt(exchange, 1));
  answer(exchange, 202, {});
}
