// Requests to one endpoint of a registry: the origin that speaks, who one is, redirects. A 401 is answered once.
// Knows neither retries nor what the requests are for.
import type { OutgoingHttpHeaders } from "node:http";
import { TsnsError } from "../base/error.ts";
import { type Authorizer, createAuthorizer, type Purpose } from "./auth.ts";
import type { Credential } from "./credential.ts";
import { type Endpoint, isInsecure } from "./endpoint.ts";
import { codeOf, networkFailure } from "./failure.ts";
import { findOrigin } from "./origin.ts";
import type { RegistrySettings } from "./settings.ts";
import type { HttpAnswer, HttpRequest, RequestBody, Transport } from "./transport.ts";

export interface Exchange extends Purpose {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the origin ("/v2/app/tags/list?n=1"), or a whole URL that the registry gave. */
  readonly target: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: RequestBody | undefined;
  /** "repository:app:pull" ... */
  readonly scopes: readonly string[];
}

export interface Channel {
  readonly endpoint: Endpoint;
  readonly authorizer: Authorizer;
  /** The answer whatever its status, except a 401 that could be answered. Network errors come as they are. */
  send(exchange: Exchange): Promise<HttpAnswer>;
}

export interface ChannelOptions {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
  readonly settings: RegistrySettings;
  readonly credential?: Credential | undefined;
  /** Ask for an identity token. */
  readonly offline?: boolean;
}

const redirectsMax = 10;
export function openChannel(options: ChannelOptions): Channel {
  const { endpoint, transport, settings } = options;
  let origin: Promise<URL> | undefined;

  /** Whether a registry that is spoken to with TLS may lead to this URL without. */
  const allowsPlain = (url: URL) => isPlainEndpoint(endpoint) || isInsecure(url.host, settings.insecure);
  const authorizer = createAuthorizer({
    host: endpoint.host,
    credential: options.credential,
    offline: options.offline ?? false,
    allowsPlain,
    send: (request) => transport.send(request),
  });

  return { endpoint, authorizer, send: (exchange) => sendAuthorized(exchange) };

  async function sendAuthorized(exchange: Exchange): Promise<HttpAnswer> {
    const first = await sendOnce(exchange);
    if (first.status !== 401) return first;
    authorizer.forget(exchange.scopes);
    if (!authorizer.learn(first.headers["www-authenticate"])) return first;
    first.discard();
    return await sendOnce(exchange);
  }

  async function sendOnce(exchange: Exchange): Promise<HttpAnswer> {
    const base = await originOf(exchange);
    let url = followed(exchange.target, base, exchange);
    const authorization = url.origin === base.origin ? await authorizer.header(exchange.scopes, exchange) : undefined;
    for (let redirects = 0; ; redirects += 1) {
      // Who one is concerns the registry alone, not where it keeps its blobs.
      const own = url.origin === base.origin && authorization !== undefined;
      const headers = { ...exchange.headers, ...(own ? { authorization } : {}) };
      const request: HttpRequest = { method: exchange.method, url, headers, body: exchange.body };
      const answer = await sendTo(request, exchange);
      const next = redirectOf(answer, exchange.method);
      if (next === undefined) return answer;
      answer.discard();
      if (redirects === redirectsMax) throw badRedirect(exchange, endpoint.host, `redirects more than ${redirectsMax} times`);
      url = followed(next, url, exchange);
    }
  }

  /** Errors of another host than the registry's own name that one. */
  async function sendTo(request: HttpRequest, exchange: Exchange): Promise<HttpAnswer> {
    try {
      return await transport.send(request);
    } catch (error) {
      const host = request.url.host;
      if (host === endpoint.host || host === endpoint.origins[0]?.host || !["ENOTFOUND", "ECONNREFUSED"].includes(codeOf(error) ?? ""))
        throw error;
      throw networkFailure(error, `${exchange.name}: sent on by ${endpoint.host}`, host);
    }
  }

  /** Where the registry leads to. One behind a TLS proxy may not know that it is: it names its own host with http. */
  function followed(location: string, from: URL, exchange: Exchange): URL {
    const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw badRedirect(exchange, endpoint.host, `leads to ${JSON.stringify(location.slice(0, 100))}`);
    }
    if (url.protocol === "https:" || from.protocol === "http:" || allowsPlain(url)) return url;
    if (url.hostname !== from.hostname) throw badRedirect(exchange, endpoint.host, `leads from TLS to ${url.origin} without`);
    return new URL(url.pathname + url.search, from.origin);
  }

  function originOf({ name }: Exchange): Promise<URL> {
    origin ??= findOrigin(endpoint, transport, name, ({ headers }) => authorizer.learn(headers["www-authenticate"]));
    const found = origin;
    found.catch(() => {
      if (origin === found) origin = undefined;
    });
    return found;
  }
}

function isPlainEndpoint(endpoint: Endpoint): boolean {
  return endpoint.origins.some((url) => url.protocol === "http:");
}

/** Where an answer sends on to. Only 307 and 308 keep method and body; a 201 or 202 has a Location as well, which is none of these. */
function redirectOf({ status, headers }: HttpAnswer, method: string): string | undefined {
  const always = status === 307 || status === 308;
  const reading = (method === "GET" || method === "HEAD") && (status === 301 || status === 302 || status === 303);
  return always || reading ? headers.location : undefined;
}

function badRedirect({ name }: Purpose, host: string, what: string): TsnsError {
  return new TsnsError("denied", "registry-redirect", `${name}: registry ${host} ${what}`, {
    hint: "this is the registry's configuration: tell who runs it",
  });
}
