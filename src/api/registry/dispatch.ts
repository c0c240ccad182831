// One request from its arrival to the end of its answer: who asks, which route, what goes wrong, what the log says.
import type { IncomingMessage, ServerResponse } from "node:http";
import { registryProblem } from "../../engine/registry-serve/problem.ts";
import type { RegistryService } from "../../engine/registry-serve/service.ts";
import type { Access } from "./access.ts";
import { type AdmissionOptions, admit, answerToken, challengeOf } from "./admission.ts";
import { wireError } from "./error.ts";
import { changingMethods, findRoute } from "./route.ts";

export interface DispatchOptions extends AdmissionOptions {
  readonly service: RegistryService;
  readonly readOnly: boolean;
  onAccess?(access: Access): void;
}

const clientLeft = 499;

/** So long, as nginx does, what a client goes on sending after it was refused is taken, and thrown away. */
const lingerMs = 30_000;

/** Never throws; the answer has ended, or its connection, when it returns. */
export async function dispatch(options: DispatchOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const note: { user?: string | undefined; reason?: string } = {};
  report(options, request, response, note);
  response.setHeader("Docker-Distribution-API-Version", "registry/2.0");
  response.setHeader("X-Content-Type-Options", "nosniff");
  try {
    const token = await answerToken(options, request);
    if (token) {
      note.user = token.user;
      send(response, 200, token.body);
      return;
    }
    note.user = await admit(options, request);
    options.service.renew();
    await handle(options, request, response);
  } catch (error) {
    const { status, body, reason } = wireError(error);
    note.reason = reason;
    // an answer that has begun can only be broken off: its length says that it is not whole
    if (response.headersSent || response.destroyed || request.socket.destroyed) response.destroy();
    else {
      if (status === 401) response.setHeader("WWW-Authenticate", challengeOf(options, request));
      if (status === 429 || status === 503) response.setHeader("Retry-After", "5");
      refuse(request, response, status, request.method === "HEAD" ? "" : body);
    }
  }
}

async function handle(options: DispatchOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? "";
  const target = request.url ?? "";
  const mark = target.indexOf("?");
  const path = decodePath(mark < 0 ? target : target.slice(0, mark));
  const found = findRoute(method, path);
  if (!found) throw registryProblem("registry-name-unknown", `there is nothing at ${path}`);
  if (!found.handler) {
    response.setHeader("Allow", found.allowed.join(", "));
    throw registryProblem("registry-unsupported", `${method} is not supported at ${path}`);
  }
  if (options.readOnly && changingMethods.includes(method)) {
    throw registryProblem("registry-unsupported", "this registry is read-only");
  }
  // a page in a browser on this machine can reach a loopback address; clients of registries send no origin
  if (request.headers.origin !== undefined && changingMethods.includes(method)) {
    throw registryProblem("registry-denied", `pages of ${request.headers.origin} may change nothing here`);
  }
  const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
  await found.handler({ service: options.service, request, response, names: found.names, query });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw registryProblem("registry-name-invalid", `${JSON.stringify(path)} is no address`);
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  writeHead(response, status, body);
  response.end(body);
}

function writeHead(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
}

/** Who still sends gets the answer at once, and the end when all has come: a connection that is closed before takes the answer away (RFC 9112, 9.6). */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  if (request.complete) {
    send(response, status, body);
    return;
  }
  writeHead(response, status, body);
  response.write(body);
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, lingerMs);
  request.once("end", end).once("close", end).resume();
}

function report(
  options: DispatchOptions,
  request: IncomingMessage,
  response: ServerResponse,
  note: { readonly user?: string | undefined; readonly reason?: string },
): void {
  if (!options.onAccess) return;
  const { socket } = request;
  const [atMs, beginMs, sentBefore] = [Date.now(), performance.now(), socket.bytesWritten];
  const remote = socket.remoteAddress ?? "-";
  response.once("close", () => {
    options.onAccess?.({
      atMs,
      remote,
      user: note.user,
      method: request.method ?? "",
      target: request.url ?? "",
      status: response.writableFinished ? response.statusCode : clientLeft,
      sentBytes: socket.bytesWritten - sentBefore,
      tookMs: performance.now() - beginMs,
      agent: request.headers["user-agent"],
      // a client that asks whether something is there is refused nothing
      reason: response.writableFinished && (response.statusCode < 400 || request.method === "HEAD") ? undefined : note.reason,
    });
  });
}
