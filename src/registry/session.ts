// Requests that are tried again: over the endpoints of a registry, mirrors first for what is read, with waits between tries.
// Turns every failure into one line. Knows no meaning of the requests.
import { TsnsError } from "../base/error.ts";
import type { Channel, Exchange } from "./channel.ts";
import {
  type Attempt,
  codeOf,
  errorBodyMaxBytes,
  isPassing,
  networkFailure,
  parseErrorBody,
  type RegistryWords,
  statusFailure,
} from "./failure.ts";
import { backoffMs, interrupted, isBearable, isWorthRetry, parseRetryAfter, pause, type Retry } from "./retry.ts";
import type { RegistrySettings } from "./settings.ts";
import type { HttpAnswer } from "./transport.ts";

export interface Session {
  readonly settings: RegistrySettings;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: ((retry: Retry) => void) | undefined;
  /** Mirrors, then the registry itself. */
  readonly channels: readonly Channel[];
  /** The registry itself. */
  readonly channel: Channel;
  /** "localhost:5000/app", for errors. */
  readonly repository: string;
}

/** What an error body may be besides a TsnsError: the caller's word for this status. */
export type Meaning = (answer: HttpAnswer, words: RegistryWords) => TsnsError | undefined;

export interface Expectation {
  readonly statuses: readonly number[];
  readonly meaning?: Meaning;
}

/** One exchange on one channel with retries. Throws TsnsError for any answer that is not expected. */
export async function request(session: Session, channel: Channel, exchange: Exchange, expected: Expectation): Promise<HttpAnswer> {
  const { tries } = session.settings;
  for (let attempt = 1; ; attempt += 1) {
    let answer: HttpAnswer | undefined;
    try {
      answer = await channel.send(exchange);
    } catch (error) {
      // A kept connection that the other side had closed meanwhile says nothing about the registry. A PATCH appends: it may have arrived.
      if (isStale(error) && exchange.method !== "PATCH" && !session.signal?.aborted) attempt -= 1;
      else await afterError(session, channel, exchange.name, error, attempt);
      continue;
    }
    if (expected.statuses.includes(answer.status)) return answer;
    const waitMs = parseRetryAfter(answer.headers["retry-after"], Date.now());
    if (!isWorthRetry(answer.status) || attempt >= tries || !isBearable(waitMs ?? 0))
      throw await failureOf(answer, channel, exchange, expected.meaning);
    answer.discard();
    await again(session, exchange.name, attempt + 1, `answered ${answer.status}`, waitMs);
  }
}

/** As `request`, with the body read; undefined when it is longer than `limitBytes`. A body that breaks off is asked for again. */
export async function requestWhole(
  session: Session,
  channel: Channel,
  exchange: Exchange,
  expected: Expectation,
  limitBytes: number,
): Promise<{ answer: HttpAnswer; bytes: Buffer | undefined }> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await request(session, channel, exchange, expected);
    try {
      if (Number(answer.headers["content-length"] ?? 0) <= limitBytes) return { answer, bytes: await answer.read(limitBytes) };
      answer.discard();
      return { answer, bytes: undefined };
    } catch (error) {
      await afterError(session, channel, exchange.name, error, attempt);
    }
  }
}

/** A kept connection that was gone when it was used again. */
function isStale(error: unknown): boolean {
  return error instanceof Error && "reusedSocket" in error && isPassing(error);
}

/** Waits before the next try after an error, or throws it in words. */
export async function afterError(session: Session, channel: Channel, name: string, error: unknown, attempt: number): Promise<void> {
  if (session.signal?.aborted) throw interrupted(session.signal);
  if (!isPassing(error) || attempt >= session.settings.tries)
    throw isForeign(error) ? error : networkFailure(error, name, channel.endpoint.host);
  await again(session, name, attempt + 1, codeOf(error) === "ESTALLED" ? "it stalled" : "the connection broke");
}

/** Defects and errors of a body's source are not the network's. */
function isForeign(error: unknown): boolean {
  return error instanceof TsnsError || codeOf(error) === undefined;
}

export async function again(session: Session, name: string, attempt: number, reason: string, waitMs?: number): Promise<void> {
  const wait = waitMs ?? backoffMs(session.settings, attempt);
  session.onRetry?.({ name, attempt, of: session.settings.tries, waitMs: wait, reason });
  await pause(wait, session.signal);
}

/** What an answer that is no success means. */
export async function failureOf(answer: HttpAnswer, channel: Channel, exchange: FailedExchange, meaning?: Meaning): Promise<TsnsError> {
  const body = exchange.method === "HEAD" ? undefined : await answer.read(errorBodyMaxBytes).catch(() => undefined);
  const words = parseErrorBody(body?.toString("utf8") ?? "");
  return meaning?.(answer, words) ?? statusFailure(answer.status, words, exchange.attempt, exchange.name, channel.endpoint.host);
}

interface FailedExchange {
  readonly method: string;
  readonly name: string;
  readonly attempt: Attempt;
}

/** Tries the mirrors and then the registry; the registry's own failure is the one that counts. */
export async function overChannels<T>(session: Session, act: (channel: Channel) => Promise<T>): Promise<T> {
  for (const channel of session.channels) {
    try {
      return await act(channel);
    } catch (error) {
      if (channel === session.channels.at(-1) || session.signal?.aborted || !isMirrorFault(error)) throw error;
    }
  }
  throw new TsnsError("internal", "no-endpoint", `${session.repository}: no address to ask`);
}

/** A full disk here is not the mirror's fault. */
function isMirrorFault(error: unknown): boolean {
  return error instanceof TsnsError && /^(?:registry|manifest|blob|wrong-media)-/.test(error.code);
}
