// Blobs into a registry: mounted from another repository, sent in one piece, or in chunks where that is set or demanded; a chunk that broke
// is asked for and sent on. Knows distribution's upload sessions (spec "Pushing blobs"), no store.
import { TsnsError } from "../base/error.ts";
import type { Exchange } from "./channel.ts";
import { afterError, again, request, type Session } from "./session.ts";
import type { HttpAnswer } from "./transport.ts";

export interface UploadTarget {
  readonly session: Session;
  /** Path of the repository. */
  readonly path: string;
  readonly scope: string;
  /** Upload sessions that a mount left open, by digest: the upload that follows goes on with it. */
  readonly begun: Map<string, string>;
}

export type OpenBlob = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Answers with which a registry or a proxy before it refuses one long request. */
const demandsChunks = [405, 411, 413, 416, 501];
const chunkBytesDefault = 16 * 1024 * 1024;

function exchangeOf({ session, scope }: UploadTarget, digest: string, method: Exchange["method"], target: string): Exchange {
  return { method, target, scopes: [scope], attempt: "push", name: `${session.repository}@${digest}` };
}

/** True when the registry has taken it over from the other repository without a copy. */
export async function mountBlob(upload: UploadTarget, digest: string, from: string): Promise<boolean> {
  const query = new URLSearchParams({ mount: digest, from });
  const exchange = exchangeOf(upload, digest, "POST", `/v2/${upload.path}/blobs/uploads/?${query}`);
  const scopes = [upload.scope, `repository:${from}:pull`];
  const answer = await request(
    upload.session,
    upload.session.channel,
    { ...exchange, scopes },
    { statuses: [201, 202, 401, 403, 404, 405] },
  );
  answer.discard();
  if (answer.status === 202) upload.begun.set(digest, locationOf(answer, exchange.name));
  return answer.status === 201;
}

/** Throws TsnsError: the network's, the registry's, invalid `blob-size` when `open` gives another length. */
export async function putBlob(upload: UploadTarget, digest: string, sizeBytes: number, open: OpenBlob): Promise<void> {
  const { session } = upload;
  const name = `${session.repository}@${digest}`;
  const location = await begin(upload, digest);
  if (location === undefined) return;
  if (session.settings.chunkBytes !== undefined) return await putChunks(upload, digest, location, exact(open, sizeBytes, name), sizeBytes);
  const demanded = await putWhole(upload, digest, location, sizeBytes, () => exact(open, sizeBytes, name)());
  if (!demanded) return;
  const fresh = await begin(upload, digest);
  if (fresh !== undefined) await putChunks(upload, digest, fresh, exact(open, sizeBytes, name), sizeBytes);
}

/** Where to send to; undefined when the registry says that it has the blob. */
async function begin(upload: UploadTarget, digest: string): Promise<string | undefined> {
  const open = upload.begun.get(digest);
  upload.begun.delete(digest);
  if (open !== undefined) return open;
  const exchange = exchangeOf(upload, digest, "POST", `/v2/${upload.path}/blobs/uploads/`);
  const answer = await request(
    upload.session,
    upload.session.channel,
    { ...exchange, headers: { "content-length": 0 } },
    { statuses: [202, 201] },
  );
  answer.discard();
  return answer.status === 201 ? undefined : locationOf(answer, exchange.name);
}

/** True when the registry wants it in chunks. After a break it begins anew, with an upload session of its own. */
async function putWhole(upload: UploadTarget, digest: string, location: string, sizeBytes: number, open: OpenBlob): Promise<boolean> {
  const { session } = upload;
  const headers = { "content-type": "application/octet-stream" };
  let target = location;
  for (let attempt = 1; ; attempt += 1) {
    const exchange = { ...exchangeOf(upload, digest, "PUT", withDigest(target, digest)), headers, body: { sizeBytes, open } };
    try {
      const answer = await request({ ...session, settings: { ...session.settings, tries: 1 } }, session.channel, exchange, {
        statuses: [201, 204, ...demandsChunks],
      });
      answer.discard();
      return demandsChunks.includes(answer.status);
    } catch (error) {
      await afterFailure(session, exchange.name, error, attempt);
      const next = await begin(upload, digest);
      if (next === undefined) return false;
      target = next;
    }
  }
}

/** Waits before a piece is sent again, or throws why it is not: the registry has refused it, or it was tried often enough. */
async function afterFailure(session: Session, name: string, error: unknown, attempt: number): Promise<void> {
  if (!(error instanceof TsnsError)) throw error;
  const isBusy = error.code === "registry-failed" || error.code === "registry-busy";
  if (isBusy && attempt < session.settings.tries) return await again(session, name, attempt + 1, error.message.replace(`${name}: `, ""));
  if (error.cause === undefined) throw error;
  await afterError(session, session.channel, name, error.cause, attempt);
}

/** The source's bytes, which must be exactly as many as announced: anything else would make the request never end or end wrong. */
function exact(open: OpenBlob, sizeBytes: number, name: string): () => AsyncGenerator<Uint8Array> {
  return async function* () {
    let sent = 0;
    for await (const chunk of open()) {
      sent += chunk.length;
      if (sent > sizeBytes) break;
      yield chunk;
    }
    if (sent !== sizeBytes)
      throw new TsnsError("invalid", "blob-size", `${name}: has ${sent > sizeBytes ? "more than" : `${sent}, not`} ${sizeBytes} bytes`, {
        hint: "tsns doctor checks the store",
      });
  };
}

async function putChunks(
  upload: UploadTarget,
  digest: string,
  location: string,
  open: () => AsyncIterable<Uint8Array>,
  sizeBytes: number,
): Promise<void> {
  const chunkBytes = upload.session.settings.chunkBytes ?? chunkBytesDefault;
  let target = location;
  let at = 0;
  for await (const chunk of inChunks(open(), chunkBytes)) {
    target = await putChunk(upload, digest, target, chunk, at);
    at += chunk.length;
  }
  const exchange = exchangeOf(upload, digest, "PUT", withDigest(target, digest));
  const answer = await request(
    upload.session,
    upload.session.channel,
    { ...exchange, headers: { "content-length": 0 } },
    { statuses: [201, 204] },
  );
  answer.discard();
  if (at !== sizeBytes) throw new TsnsError("internal", "blob-size", `${exchange.name}: ${at} of ${sizeBytes} bytes were sent`);
}

/** Sends one chunk, asking after a break how much of it arrived. Returns where the next one goes. */
async function putChunk(upload: UploadTarget, digest: string, location: string, chunk: Buffer, from: number): Promise<string> {
  const { session } = upload;
  const once = { ...session, settings: { ...session.settings, tries: 1 } };
  let target = location;
  let sent = 0;
  for (let attempt = 1; ; attempt += 1) {
    const rest = chunk.subarray(sent);
    const headers = { "content-type": "application/octet-stream", "content-range": `${from + sent}-${from + chunk.length - 1}` };
    const exchange: Exchange = {
      ...exchangeOf(upload, digest, "PATCH", target),
      headers,
      body: { sizeBytes: rest.length, open: () => [rest] },
    };
    try {
      const answer = await request(once, session.channel, exchange, { statuses: [202, 201, 204] });
      answer.discard();
      return locationOf(answer, exchange.name);
    } catch (error) {
      await afterFailure(session, exchange.name, error, attempt);
      const state = await request(session, session.channel, exchangeOf(upload, digest, "GET", target), { statuses: [204, 200] });
      state.discard();
      const arrived = arrivedOf(state) - from;
      if (arrived < 0 || arrived > chunk.length)
        throw new TsnsError("invalid", "blob-range", `${exchange.name}: the registry has lost what was sent`, {
          hint: "push again",
          cause: error,
        });
      sent = arrived;
      target = locationOf(state, exchange.name);
      if (sent === chunk.length) return target;
    }
  }
}

/** Bytes the registry has of an upload: "Range: 0-N" counts from 0 and includes N; nothing yet is "0-0" or "0--1" or absent. */
function arrivedOf({ headers }: HttpAnswer): number {
  const last = Number(/(?:^|=)0-(\d+)$/.exec(String(headers.range ?? ""))?.[1] ?? 0);
  return last === 0 ? 0 : last + 1;
}

async function* inChunks(source: AsyncIterable<Uint8Array>, chunkBytes: number): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const take = bytes.subarray(at, at + chunkBytes - filled);
      parts.push(take);
      filled += take.length;
      at += take.length;
      if (filled === chunkBytes) {
        yield Buffer.concat(parts);
        parts = [];
        filled = 0;
      }
    }
  }
  if (filled > 0) yield Buffer.concat(parts);
}

function locationOf({ headers, url }: HttpAnswer, name: string): string {
  const { location } = headers;
  if (location !== undefined && URL.canParse(location, url.href)) return new URL(location, url).href;
  throw new TsnsError("invalid", "registry-refused", `${name}: the registry began an upload without saying where`, {
    hint: "is this the address of a registry?",
  });
}

function withDigest(location: string, digest: string): string {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  return url.href;
}
