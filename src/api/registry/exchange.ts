// One request and its answer, as the handlers see them: names from the address, bounded bodies, answers in one call. Knows no use case.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Place } from "../../engine/registry-serve/name.ts";
import { registryProblem } from "../../engine/registry-serve/problem.ts";
import type { RegistryService } from "../../engine/registry-serve/service.ts";

export interface Exchange {
  readonly service: RegistryService;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Parts of the path that the route names. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
}

export type Headers = Readonly<Record<string, string | number>>;

/** A part of the path by its position in the route. */
export function nameAt({ names }: Exchange, at: number): string {
  return names[at] ?? "";
}

/** Repository of the request. */
export function placeOf(exchange: Exchange): Place {
  return { name: nameAt(exchange, 0), host: hostOf(exchange) };
}

export function hostOf({ request }: Exchange): string {
  return (request.headers.host ?? "").toLowerCase();
}

/** Ends the exchange. HEAD gets the headers alone. */
export function answer({ request, response }: Exchange, status: number, headers: Headers, body?: string | Buffer): void {
  response.writeHead(status, { ...headers, "Content-Length": body === undefined ? 0 : Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? undefined : body);
}

export function answerJson(exchange: Exchange, value: unknown, headers: Headers = {}): void {
  answer(exchange, 200, { "Content-Type": "application/json", ...headers }, `${JSON.stringify(value)}\n`);
}

/** The body as it comes. Left early, the connection stays: the answer that refuses it still has to go there. */
export function bodyOf({ request }: Exchange): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false });
}

/** The whole body. Throws invalid `registry-manifest-too-large`. */
export async function readBody(exchange: Exchange, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(exchange)) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw registryProblem("registry-manifest-too-large", `the manifest is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether If-None-Match has the digest: the client has these bytes. */
export function isKnown({ request }: Exchange, digest: string): boolean {
  const header = request.headers["if-none-match"];
  if (header === undefined) return false;
  return header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "").replaceAll('"', "") === digest);
}
