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
  /** In errors: "app:1 (layer sha256:...)". Default: repository and digest. */
  readonly name?: string | undefined;
}

/** So much new counts as progress: the tries begin anew. */
const progressBytes = 1024 * 1024;

interface Source {
  readonly channel: Channel;
  readonly answer: HttpAnswer;
}

/**
 * Bytes from `from` on. Throws TsnsError not-found `blob-not-found`, unavailable `blob-truncated` for one that is too short in the registry
 * (by what its answer says, or when it ends at the same byte twice) or breaks off too often.
 */
export async function* getBlob(
  session: Session,
  path: string,
  scope: string,
  digest: string,
  options: BlobOptions = {},
): AsyncGenerator<Buffer> {
  const { name = `${session.repository}@${digest}` } = options;
  const exchange: Exchange = { method: "GET", target: `/v2/${path}/blobs/${digest}`, scopes: [scope], attempt: "pull", name };
  let at = options.from ?? 0;
  let attempt = 1;
  let sizeBytes = options.sizeBytes;
  let endedAt = -1;
  if (sizeBytes !== undefined && at >= sizeBytes) return;
  for (;;) {
    const source = await openAgain(session, exchange, at, attempt, sizeBytes);
    if (!source) {
      attempt += 1;
      continue;
    }
    sizeBytes ??= totalOf(source.answer, at);
    const { host } = source.channel.endpoint;
    const began = at;
    let broken: unknown;
    try {
      for await (const chunk of source.answer.stream()) {
        at += chunk.length;
        if (sizeBytes !== undefined && at > sizeBytes) throw tooLong(name, sizeBytes);
        yield chunk;
      }
      if (sizeBytes === undefined || at === sizeBytes) return;
    } catch (error) {
      if (error instanceof TsnsError) throw error;
      if (session.signal?.aborted) throw interrupted(session.signal);
      if (codeOf(error) === undefined) throw error;
      broken = error;
    }
    // A connection that breaks does so anywhere; what ends at the same byte again has no more.
    if (sizeBytes !== undefined && at === endedAt && codeOf(broken) !== "ESTALLED") throw truncated(name, host, at, sizeBytes);
    endedAt = at;
    if (at - began >= progressBytes) attempt = 1;
    if (attempt >= session.settings.tries) throw brokenAt(broken, name, host, at, sizeBytes, attempt);
    if (broken === undefined) await again(session, name, attempt + 1, `ended after ${at} of ${sizeBytes} bytes`);
    else await afterError(session, source.channel, name, broken, attempt);
    attempt += 1;
  }
}

/** The blob from byte `at` on. Undefined, after a wait, when a registry that was there before is being started again. */
async function openAgain(
  session: Session,
  exchange: Exchange,
  at: number,
  attempt: number,
  sizeBytes: number | undefined,
): Promise<Source | undefined> {
  try {
    return await overChannels(session, (channel) => openAt(session, channel, exchange, at, sizeBytes));
  } catch (error) {
    const isGone = error instanceof TsnsError && error.code === "registry-unreachable";
    if (!isGone || attempt === 1 || attempt >= session.settings.tries) throw error;
    await again(session, exchange.name, attempt + 1, "the registry is gone");
    return undefined;
  }
}

/** An answer whose body begins at byte `at`; one that says itself that the blob is too short is refused before a byte of it is read. */
async function openAt(session: Session, channel: Channel, exchange: Exchange, at: number, sizeBytes: number | undefined): Promise<Source> {
  const headers = at === 0 ? { "accept-encoding": "identity" } : { "accept-encoding": "identity", range: `bytes=${at}-` };
  const meaning = ({ status }: HttpAnswer) =>
    status === 404
      ? new TsnsError("not-found", "blob-not-found", `${exchange.name}: the registry does not have this blob`, {
          hint: "the image is damaged there: push it again",
        })
      : undefined;
  const answer = await request(session, channel, { ...exchange, headers }, { statuses: at === 0 ? [200] : [200, 206, 416], meaning });
  const hasBytes = wholeOf(answer);
  if (answer.status === 416 || (sizeBytes !== undefined && hasBytes !== undefined && hasBytes < sizeBytes)) {
    answer.discard();
    throw truncated(exchange.name, channel.endpoint.host, hasBytes ?? at, sizeBytes);
  }
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

/** Length of the whole blob as the registry has it; undefined where the answer does not say it for certain. */
function wholeOf({ status, headers }: HttpAnswer): number | undefined {
  if (headers["content-encoding"] !== undefined) return undefined;
  const text = status === 200 ? headers["content-length"] : /^bytes [^/]+\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1];
  return text === undefined ? undefined : Number(text);
}

function truncated(name: string, host: string, at: number, sizeBytes: number | undefined): TsnsError {
  const of = sizeBytes === undefined ? "" : ` of ${sizeBytes}`;
  return new TsnsError("unavailable", "blob-truncated", `${name}: registry ${host}: truncated: ${at}${of} bytes`, {
    hint: "it is damaged in the registry: push the image there again",
  });
}

/** `error` is undefined when the answers ended without one. */
function brokenAt(error: unknown, name: string, host: string, at: number, sizeBytes: number | undefined, tries: number): TsnsError {
  const where = `after ${at}${sizeBytes === undefined ? "" : ` of ${sizeBytes}`} bytes, ${tries} ${tries === 1 ? "time" : "times"}`;
  if (error === undefined) {
    return new TsnsError("unavailable", "blob-truncated", `${name}: registry ${host}: the download ended ${where}`, { hint: "try again" });
  }
  const failure = networkFailure(error, name, host);
  const code = failure.code === "registry-stalled" ? failure.code : "blob-truncated";
  return new TsnsError(failure.kind, code, `${failure.message} (${where})`, { hint: failure.hint ?? "try again", cause: error });
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
