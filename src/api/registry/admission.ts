// Who may make a request: names and passwords, and where everybody may pull, tokens as docker's registries give them out (distribution's
// spec/auth/token.md). A client of docker's asks for nothing it has no challenge for, and sends no password where it got none: so everybody
// gets a token, one of nobody in particular for those who have no name.
import type { IncomingMessage } from "node:http";
import { TsnsError } from "../../base/error.ts";
import type { Gate } from "../../engine/registry-serve/htpasswd.ts";
import { registryProblem } from "../../engine/registry-serve/problem.ts";
import type { Tokens } from "../../engine/registry-serve/token.ts";
import { changingMethods } from "./route.ts";

export interface AdmissionOptions {
  readonly gate?: Gate | undefined;
  /** Everybody may pull, and gets tokens for it; only with a gate. */
  readonly tokens?: Tokens | undefined;
  /** The scheme this side speaks. */
  readonly isTls?: boolean | undefined;
}

const tokenPath = "/token";
const service = "tsns registry";

/** The name somebody has proved, undefined for everybody. Throws denied `registry-unauthorized`. */
export async function admit({ gate, tokens }: AdmissionOptions, request: IncomingMessage): Promise<string | undefined> {
  if (!gate) return undefined;
  const { authorization } = request.headers;
  const bearer = tokens && /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (bearer !== undefined) {
    const known = tokens?.read(bearer);
    if (!known || (known.user !== undefined && !gate.knows(known.user))) throw unauthorized("the token is none, or its time is over");
    if (known.user === undefined && !isForEverybody(request)) throw unauthorized("a name and password are needed");
    return known.user;
  }
  // the greeting tells clients where tokens are to be had: those with a name need one as well
  const isGreeting = /^\/v2\/?$/.test(pathOf(request));
  if (tokens && authorization === undefined && isForEverybody(request) && !isGreeting) return undefined;
  const user = await gate.admit(authorization);
  if (user !== undefined) return user;
  throw unauthorized(authorization === undefined ? "a name and password are needed" : "the name or password is wrong");
}

/** What reads, and is no part of a push. */
function isForEverybody(request: IncomingMessage): boolean {
  return !changingMethods.includes(request.method ?? "") && !/\/blobs\/uploads\//.test(pathOf(request));
}

export interface TokenAnswer {
  readonly user: string | undefined;
  readonly body: string;
}

/** The answer of the token server; undefined for other requests. Throws denied for a wrong password, unsupported for another method. */
export async function answerToken({ gate, tokens }: AdmissionOptions, request: IncomingMessage): Promise<TokenAnswer | undefined> {
  if (!gate || !tokens || pathOf(request) !== tokenPath) return undefined;
  if (request.method !== "GET") throw registryProblem("registry-unsupported", `${request.method} is not supported at ${tokenPath}`);
  const { authorization } = request.headers;
  const user = authorization === undefined ? undefined : await gate.admit(authorization);
  if (authorization !== undefined && user === undefined) throw unauthorized("the name or password is wrong");
  const token = tokens.issue(user);
  const times = { expires_in: tokens.lifeSeconds, issued_at: new Date().toISOString() };
  return { user, body: `${JSON.stringify({ token, access_token: token, ...times })}\n` };
}

/** WWW-Authenticate of a refusal. */
export function challengeOf({ tokens, isTls = false }: AdmissionOptions, request: IncomingMessage): string {
  const host = request.headers.host ?? "";
  const path = pathOf(request);
  if (!tokens || path === tokenPath || !/^[A-Za-z0-9.:_[\]-]+$/.test(host)) return 'Basic realm="tsns registry", charset="UTF-8"';
  // one that ends TLS before this one says so
  const scheme = isTls || request.headers["x-forwarded-proto"] === "https" ? "https" : "http";
  const repository = /^\/v2\/([a-z0-9/._-]+?)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1];
  const actions = changingMethods.includes(request.method ?? "") ? "pull,push" : "pull";
  const scope = repository === undefined ? "" : `,scope="repository:${repository}:${actions}"`;
  return `Bearer realm="${scheme}://${host}${tokenPath}",service="${service}"${scope}`;
}

function pathOf(request: IncomingMessage): string {
  const target = request.url ?? "";
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

function unauthorized(message: string): TsnsError {
  return new TsnsError("denied", "registry-unauthorized", message);
}
