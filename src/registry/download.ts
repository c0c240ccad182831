// A file from an address (http:, https:) as its bytes come: redirects, proxies and certificates as for registries. Begins again only while
// nothing has come. Knows no images and no store.
import { STATUS_CODES } from "node:http";
import { TsnsError } from "../base/error.ts";
import { connectionOf } from "./client.ts";
import { codeOf, isPassing, networkFailure } from "./failure.ts";
import { backoffMs, interrupted, pause } from "./retry.ts";
import type { RegistrySettings } from "./settings.ts";
import { createTransport, type HttpAnswer, type Transport } from "./transport.ts";

export interface DownloadOptions {
  readonly settings: RegistrySettings;
  /** For SSL_CERT_FILE. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** It answers, the body comes. */
  readonly onStart?: (() => void) | undefined;
}

const redirectsMax = 10;

/** For people: without user and password. */
export function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}

/**
 * Nothing is asked before the first byte is wanted. Throws TsnsError not-found or unavailable `download-failed` for an answer that is not 200,
 * `download-truncated` for a body that breaks off, denied `download-redirect`, `registry-*` for what the network does.
 */
export async function* download(url: URL, options: DownloadOptions): AsyncGenerator<Buffer> {
  const { settings, env, signal } = options;
  const transport = createTransport({
    stallMs: settings.stallMs,
    signal,
    connectionOf: (to) => connectionOf(to, settings, [], env),
  });
  let sizeBytes = 0;
  try {
    const answer = await begin(transport, url, options);
    options.onStart?.();
    for await (const piece of answer.stream()) {
      sizeBytes += piece.length;
      yield piece;
    }
    const expected = answer.headers["content-length"];
    if (expected !== undefined && Number(expected) !== sizeBytes) throw brokenOff(url, sizeBytes);
  } catch (error) {
    if (signal?.aborted) throw interrupted(signal);
    if (error instanceof TsnsError || codeOf(error) === undefined) throw error;
    if (sizeBytes > 0 && codeOf(error) !== "ESTALLED") throw brokenOff(url, sizeBytes, error);
    throw networkFailure(error, shownUrl(url), url.host, "server");
  } finally {
    transport.close();
  }
}

/** An answer that is 200, after redirects. A connection that fails in passing is tried again. */
async function begin(transport: Transport, url: URL, { settings, signal }: DownloadOptions): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await follow(transport, url);
      if (answer.status === 200) return answer;
      answer.discard();
      throw refused(url, answer);
    } catch (error) {
      if (signal?.aborted || !isPassing(error) || codeOf(error) === "ESTALLED" || attempt >= settings.tries) throw error;
      await pause(backoffMs(settings, attempt + 1), signal);
    }
  }
}

async function follow(transport: Transport, first: URL): Promise<HttpAnswer> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    // what is stored packed must arrive packed: it is unpacked by what it is
    const answer = await sendTo(transport, first, url);
    const location = [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.location : undefined;
    if (location === undefined) return answer;
    answer.discard();
    if (redirects === redirectsMax) throw badRedirect(first, `redirects more than ${redirectsMax} times`);
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (!next || !/^https?:$/.test(next.protocol)) throw badRedirect(first, `leads to ${JSON.stringify(location.slice(0, 100))}`);
    if (url.protocol === "https:" && next.protocol === "http:") throw badRedirect(first, `leads from TLS to ${next.origin} without`);
    url = next;
  }
}

/** Errors of a host it was sent on to name that one. */
async function sendTo(transport: Transport, first: URL, url: URL): Promise<HttpAnswer> {
  try {
    return await transport.send({ method: "GET", url, headers: { "accept-encoding": "identity" } });
  } catch (error) {
    if (url.host === first.host || !["ENOTFOUND", "ECONNREFUSED"].includes(codeOf(error) ?? "")) throw error;
    throw networkFailure(error, `${shownUrl(first)}: sent on by ${first.host}`, url.host, "server");
  }
}

function refused(url: URL, { status, url: last }: HttpAnswer): TsnsError {
  const reason = STATUS_CODES[status];
  const by = last.host === url.host ? "" : ` (from ${last.host})`;
  const message = `failed to GET ${shownUrl(url)} with status ${status}${reason === undefined ? "" : ` ${reason}`}${by}`;
  return new TsnsError(status === 404 || status === 410 ? "not-found" : "unavailable", "download-failed", message, {
    hint: "check the address, or fetch the file yourself and import that",
  });
}

function brokenOff(url: URL, sizeBytes: number, cause?: unknown): TsnsError {
  return new TsnsError("unavailable", "download-truncated", `${shownUrl(url)}: the download broke off after ${sizeBytes} bytes`, {
    hint: "try again",
    cause,
  });
}

function badRedirect(url: URL, what: string): TsnsError {
  return new TsnsError("denied", "download-redirect", `${shownUrl(url)} ${what}`, {
    hint: "give the address it should lead to, if that is to be trusted",
  });
}
