// One HTTP request and its answer over node:http and node:https, which are loaded at the first one: connections that are kept, a time-out that
// counts only while something is waited for, cancel by signal. Knows nothing of registries, redirects, retries or who one is.
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { AgentOptions } from "node:https";
import type { SecureContext } from "node:tls";

export interface RequestBody {
  readonly sizeBytes: number;
  /** Called again when the request is sent again. */
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: RequestBody | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** The body as it comes; stopping early closes the connection. Throws what broke it. */
  stream(): AsyncIterable<Buffer>;
  /** The whole body; undefined when it is longer than `limitBytes`. */
  read(limitBytes: number): Promise<Buffer | undefined>;
  /** Not interested: the connection is kept where that is cheap. */
  discard(): void;
}

/** How a host is connected to. */
export interface Connection {
  readonly secureContext?: SecureContext | undefined;
  /** Any certificate will do. */
  readonly unverified?: boolean;
  /** Proxy as a URL. */
  readonly proxy?: string | undefined;
}

export interface TransportOptions {
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Asked once per origin. */
  connectionOf(url: URL): Promise<Connection> | Connection;
}

export interface Transport {
  /** Throws Node's network errors, `StallError`, and what the body's source throws. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends kept connections. */
  close(): void;
}

/** Nothing moved for the time that is allowed. */
export class StallError extends Error {
  readonly code = "ESTALLED";
  constructor(stallMs: number) {
    super(`nothing came for ${Math.round(stallMs / 100) / 10} s`);
  }
}

/** A body that is thrown away is read to its end up to this size; beyond, a new connection is cheaper. */
const discardMaxBytes = 64 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const agents = new Map<string, Promise<Agent>>();
  return {
    async send(request) {
      const agent = await agentFor(request.url);
      options.signal?.throwIfAborted();
      const { request: open } = request.url.protocol === "https:" ? await import("node:https") : await import("node:http");
      const { signal, stallMs } = options;
      const headers = { "user-agent": "tsns", ...request.headers, ...(request.body ? { "content-length": request.body.sizeBytes } : {}) };
      const sent = open(request.url, { method: request.method, headers, agent, ...(signal ? { signal } : {}) });
      return await exchange(sent, request, stallMs);
    },
    close() {
      for (const agent of agents.values()) agent.then((made) => made.destroy()).catch(() => {});
      agents.clear();
    },
  };

  function agentFor(url: URL): Promise<Agent> {
    let agent = agents.get(url.origin);
    if (!agent) {
      agent = makeAgent(url);
      agents.set(url.origin, agent);
      agent.catch(() => agents.delete(url.origin));
    }
    return agent;
  }

  async function makeAgent(url: URL): Promise<Agent> {
    const { proxy, secureContext, unverified } = await options.connectionOf(url);
    const proxyEnv = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
    if (url.protocol === "http:") return new (await import("node:http")).Agent({ keepAlive: true, ...proxyEnv });
    const secure: AgentOptions = { keepAlive: true, ...proxyEnv, ...(unverified ? { rejectUnauthorized: false } : {}) };
    return new (await import("node:https")).Agent(Object.assign(secure, secureContext ? { secureContext } : {}));
  }
}

/** Sends the body and waits for the beginning of the answer, which may come before the body is out. */
function exchange(sent: ClientRequest, { url, body }: HttpRequest, stallMs: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => sent.destroy(new StallError(stallMs)), stallMs);
    let answered = false;
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(sent.reusedSocket ? Object.assign(error, { reusedSocket: true }) : error);
    };
    sent.on("error", fail);
    sent.on("response", (message) => {
      answered = true;
      clearTimeout(timer);
      resolve(answerOf(message, url, stallMs));
    });
    if (!body) return void sent.end();
    sendBody(sent, body, () => answered, timer).catch((error: Error) => {
      fail(error);
      sent.destroy();
    });
  });
}

async function sendBody(sent: ClientRequest, body: RequestBody, answered: () => boolean, timer: NodeJS.Timeout): Promise<void> {
  let wake = () => {};
  sent.on("drain", () => wake());
  sent.on("close", () => wake());
  for await (const chunk of body.open()) {
    if (answered() || sent.destroyed) break;
    timer.refresh();
    if (!sent.write(chunk)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (sent.destroyed) resolve();
      });
    }
    timer.refresh();
  }
  // An answer that came first is the last word: the rest of the body is not wanted.
  if (!sent.destroyed) sent.end();
}

function answerOf(message: IncomingMessage, url: URL, stallMs: number): HttpAnswer {
  // A broken connection after the headers shows in the body; nobody may be reading it.
  message.on("error", () => {});
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    url,
    stream: () => streamOf(message, stallMs),
    async read(limitBytes) {
      const parts: Buffer[] = [];
      let sizeBytes = 0;
      for await (const chunk of streamOf(message, stallMs)) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) return undefined;
        parts.push(chunk);
      }
      return Buffer.concat(parts);
    },
    discard() {
      if (Number(message.headers["content-length"] ?? 0) > discardMaxBytes) message.destroy();
      else message.resume();
    },
  };
}

/** The time-out runs only while the connection is waited for: a reader may take its time. */
async function* streamOf(message: IncomingMessage, stallMs: number): AsyncGenerator<Buffer> {
  const chunks = message[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => message.destroy(new StallError(stallMs)), stallMs);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (!message.readableEnded) message.destroy();
  }
}
