// A blob that streams out of a registry and goes on where it broke off. Checks its length; its digest is whoever stores it to check.
// Knows no store.
import { TsnsError } from "../base/error.ts";
import type { Channel, Exchange } from "./channel.ts";
import { codeOf, networkFailure } from "./failure.ts";
import { interrupted } from "./retry.ts";
import { afterError, again, overChannels, request, type Session } from "./session.ts";
import type { HttpAnswer } from "./transport.ts";

export interface BlobOptions {
  /** What the manifest says. */
  readonly sizeBytes?: number | undefined;
  /** Bytes that are here already. */
  readonly from?: number | undefined;
}

/** So much new counts as progress: the tries begin anew. */
const progressBytes = 1024 * 1024;

interface Source {
  readonly channel: Channel;
  readonly answer: HttpAnswer;
}

/** Bytes from `from` on. Throws TsnsError unavailable `blob-truncated` when it stays too short, not-found `blob-not-found`. */
export async function* getBlob(
  session: Session,
  path: string,
  scope: string,
  digest: string,
  options: BlobOptions = {},
): AsyncGenerator<Buffer> {
  const name = `${session.repository}@${digest}`;
  const exchange: Exchange = { method: "GET", target: `/v2/${path}/blobs/${digest}`, scopes: [scope], attempt: "pull", name };
  let at = options.from ?? 0;
  let attempt = 1;
  let sizeBytes = options.sizeBytes;
  if (sizeBytes !== undefined && at >= sizeBytes) return;
  for (;;) {
    const source = await openAgain(session, exchange, at, attempt);
    if (!source) {
      attempt += 1;
      continue;
    }
    sizeBytes ??= totalOf(source.answer, at);
    const began = at;
    try {
      for await (const chunk of source.answer.stream()) {
        at += chunk.length;
        if (sizeBytes !== undefined && at > sizeBytes) throw tooLong(name, sizeBytes);
        yield chunk;
      }
      if (sizeBytes === undefined || at === sizeBytes) return;
      if (at - began >= progressBytes) attempt = 1;
      if (attempt >= session.settings.tries) throw truncated(name, at, sizeBytes, attempt);
      await again(session, name, attempt + 1, `ended after ${at} of ${sizeBytes} bytes`);
    } catch (error) {
      if (error instanceof TsnsError) throw error;
      if (session.signal?.aborted) throw interrupted(session.signal);
      if (codeOf(error) === undefined) throw error;
      if (at - began >= progressBytes) attempt = 1;
      if (attempt >= session.settings.tries) throw brokenAt(error, name, source.channel.endpoint.host, at, sizeBytes, attempt);
      await afterError(session, source.channel, name, error, attempt);
    }
    attempt += 1;
  }
}

/** The blob from byte `at` on. Undefined, after a wait, when a registry that was there before is being started again. */
async function openAgain(session: Session, exchange: Exchange, at: number, attempt: number): Promise<Source | undefined> {
  try {
    return await overChannels(session, (channel) => openAt(session, channel, exchange, at));
  } catch (error) {
    const isGone = error instanceof TsnsError && error.code === "registry-unreachable";
    if (!isGone || attempt === 1 || attempt >= session.settings.tries) throw error;
    await again(session, exchange.name, attempt + 1, "the registry is gone");
    return undefined;
  }
}

/** An answer whose body begins at byte `at`. */
async function openAt(session: Session, channel: Channel, exchange: Exchange, at: number): Promise<Source> {
  const headers = at === 0 ? { "accept-encoding": "identity" } : { "accept-encoding": "identity", range: `bytes=${at}-` };
  const meaning = ({ status }: HttpAnswer) =>
    status === 404
      ? new TsnsError("not-found", "blob-not-found", `${exchange.name}: the registry does not have this blob`, {
          hint: "the image is damaged there: push it again",
        })
      : undefined;
  const answer = await request(session, channel, { ...exchange, headers }, { statuses: at === 0 ? [200] : [200, 206], meaning });
  if (at === 0) return { channel, answer };
  if (answer.status === 200) return { channel, answer: { ...answer, stream: () => skip(answer.stream(), at) } };
  const begins = Number(/^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1] ?? Number.NaN);
  if (begins === at) return { channel, answer };
  answer.discard();
  throw new TsnsError(
    "invalid",
    "blob-range",
    `${exchange.name}: asked for bytes from ${at} on, the registry sent ${answer.headers["content-range"] ?? "others"}`,
    {
      hint: "a proxy in between may be broken: try again, or without it",
    },
  );
}

/** A server that does not know Range sends all again. */
async function* skip(stream: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of stream) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      yield left === 0 ? chunk : chunk.subarray(left);
      left = 0;
    }
  }
}

/** Length of the whole blob as the answer tells it. */
function totalOf({ status, headers }: HttpAnswer, at: number): number | undefined {
  const length = headers["content-length"];
  if (length === undefined) return undefined;
  return status === 206 ? at + Number(length) : Number(length);
}

function truncated(name: string, at: number, sizeBytes: number, tries: number): TsnsError {
  return new TsnsError("unavailable", "blob-truncated", `${name}: the download ended after ${at} of ${sizeBytes} bytes, ${tries} times`, {
    hint: "the blob is damaged in the registry, or the connection is bad: try again",
  });
}

function brokenAt(error: unknown, name: string, host: string, at: number, sizeBytes: number | undefined, tries: number): TsnsError {
  const failure = networkFailure(error, name, host);
  const where = `after ${at}${sizeBytes === undefined ? "" : ` of ${sizeBytes}`} bytes, ${tries} times`;
  return new TsnsError(
    failure.kind,
    failure.code === "registry-stalled" ? failure.code : "blob-truncated",
    `${failure.message} (${where})`,
    {
      hint: failure.hint ?? "try again",
      cause: error,
    },
  );
}

function tooLong(name: string, sizeBytes: number): TsnsError {
  return new TsnsError("invalid", "blob-size", `${name}: the registry sends more than its ${sizeBytes} bytes`, {
    hint: "the image is damaged there: push it again",
  });
}

/** Whether the registry itself has it; mirrors are not asked: what is pushed goes to the registry. */
export async function hasBlob(session: Session, path: string, scope: string, digest: string): Promise<boolean> {
  const name = `${session.repository}@${digest}`;
  const exchange: Exchange = { method: "HEAD", target: `/v2/${path}/blobs/${digest}`, scopes: [scope], attempt: "push", name };
  const answer = await request(session, session.channel, exchange, { statuses: [200, 404] });
  answer.discard();
  return answer.status === 200;
}
