// Proving who one is: the header for a request, tokens fetched where the registry's challenge says, kept until they run out.
// Knows RFC 6750 as registries speak it (distribution's spec/auth/token.md and oauth.md); sends through what it is given.
import { TsnsError } from "../base/error.ts";
import { isObject, parseObject } from "../base/json.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Credential, encodeAuth } from "./credential.ts";
import { type Attempt, errorBodyMaxBytes, ofTokenServer, parseErrorBody, type RegistryWords, statusFailure } from "./failure.ts";
import type { HttpAnswer, HttpRequest } from "./transport.ts";

export interface AuthOptions {
  /** As people know the registry; in errors. */
  readonly host: string;
  readonly credential?: Credential | undefined;
  /** For a token server on http: only where the registry itself may be spoken to so. */
  allowsPlain(url: URL): boolean;
  send(request: HttpRequest): Promise<HttpAnswer>;
  now?: () => number;
}

export interface Authorizer {
  /** The header for a request with these scopes, as far as a challenge is known. */
  header(scopes: readonly string[], purpose: Purpose): Promise<string | undefined>;
  /** Takes in the challenges of a 401; false when there is nothing that could answer them. */
  learn(header: string | undefined): boolean;
  /** A token was refused: the next one is fetched. */
  forget(scopes: readonly string[]): void;
  /** The identity token the server gave with the last token, where it was asked for. */
  readonly identityToken: string | undefined;
}

export interface Purpose {
  /** For errors. */
  readonly attempt: Attempt;
  readonly name: string;
}

interface Token {
  readonly text: string;
  readonly expiresAtMs: number;
}

/** What a token lives when its server does not say, and how long before its end it is no longer used; distribution's. */
const tokenLifeSeconds = 60;
const tokenMarginMs = 5_000;
const tokenBodyMaxBytes = 1024 * 1024;
const clientId = "tsns";

/** With `offline` an identity token is asked for, as a login does. */
export function createAuthorizer(options: AuthOptions & { readonly offline?: boolean }): Authorizer {
  const now = options.now ?? Date.now;
  const tokens = new Map<string, Promise<Token>>();
  let challenge: Challenge | undefined;
  let identityToken: string | undefined;

  return {
    get identityToken() {
      return identityToken;
    },
    async header(scopes, purpose) {
      const { credential } = options;
      if (credential?.registryToken) return `Bearer ${credential.registryToken}`;
      if (challenge?.scheme === "basic") return credential && `Basic ${encodeAuth(credential)}`;
      if (challenge?.scheme !== "bearer") return undefined;
      return `Bearer ${(await tokenFor(challenge, scopes, purpose)).text}`;
    },
    learn(header) {
      const found = parseChallenges(header ?? "");
      challenge = found.find(({ scheme }) => scheme === "bearer") ?? found.find(({ scheme }) => scheme === "basic");
      return challenge?.scheme === "bearer" || (challenge !== undefined && options.credential !== undefined);
    },
    forget: (scopes) => void tokens.delete(scopes.join(" ")),
  };

  async function tokenFor(asked: Challenge, scopes: readonly string[], purpose: Purpose): Promise<Token> {
    const key = scopes.join(" ");
    const kept = await tokens.get(key);
    if (kept && kept.expiresAtMs > now()) return kept;
    // Requests side by side share one fetch: whoever comes while it is under way finds its promise.
    const under = tokens.get(key);
    if (under && (await under) !== kept) return await under;
    const fetched = fetchToken(asked, scopes, purpose);
    tokens.set(key, fetched);
    fetched.catch(() => tokens.delete(key));
    return await fetched;
  }

  async function fetchToken({ parameters }: Challenge, scopes: readonly string[], purpose: Purpose): Promise<Token> {
    const realm = parameters.realm ?? "";
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    if (!url || !/^https?:$/.test(url.protocol))
      throw badRealm(options.host, purpose, `it names no token server (${JSON.stringify(realm)})`);
    if (url.protocol === "http:" && !options.allowsPlain(url)) {
      throw badRealm(options.host, purpose, `its token server ${url.host} has no TLS: no password is sent there`);
    }
    // A registry that is asked for nothing in particular (login) gets what it names itself.
    const wanted = scopes.length === 0 && parameters.scope ? [parameters.scope] : scopes;
    const answer = await options.send(tokenRequest(url, parameters.service, wanted, options)).catch((error: unknown) => {
      throw url.host === options.host ? error : ofTokenServer(error, url.host);
    });
    const body = ((await answer.read(tokenBodyMaxBytes)) ?? Buffer.alloc(0)).toString("utf8");
    if (answer.status !== 200) {
      // Token servers answer 400 to a refresh token that has run out (RFC 6749 5.2).
      const status = answer.status === 400 && options.credential?.identityToken ? 401 : answer.status;
      const words = parseErrorBody(body.slice(0, errorBodyMaxBytes));
      if (![401, 403, 429].includes(status)) throw failedTokenServer(status, words, purpose, options.host);
      throw statusFailure(status, words, purpose.attempt, purpose.name, options.host);
    }
    return parseToken(body, purpose);
  }

  function parseToken(body: string, purpose: Purpose): Token {
    const value = parseObject(body);
    const text = isObject(value) ? (value.token ?? value.access_token) : undefined;
    if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text)) throw badRealm(options.host, purpose, "its token server gave no token");
    if (typeof value?.refresh_token === "string") identityToken = value.refresh_token;
    const seconds = typeof value?.expires_in === "number" ? value.expires_in : tokenLifeSeconds;
    return { text, expiresAtMs: now() + seconds * 1000 - Math.min(tokenMarginMs, seconds * 500) };
  }
}

function tokenRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  { credential, offline }: { readonly credential?: Credential | undefined; readonly offline?: boolean },
): HttpRequest {
  if (credential?.identityToken) {
    const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: credential.identityToken, client_id: clientId });
    if (service !== undefined) form.set("service", service);
    if (scopes.length > 0) form.set("scope", scopes.join(" "));
    const bytes = Buffer.from(form.toString());
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { method: "POST", url: realm, headers, body: { sizeBytes: bytes.length, open: () => [bytes] } };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credential) url.searchParams.set("account", credential.username);
  if (offline) {
    url.searchParams.set("offline_token", "true");
    url.searchParams.set("client_id", clientId);
  }
  return { method: "GET", url, headers: credential ? { authorization: `Basic ${encodeAuth(credential)}` } : {} };
}

function failedTokenServer(status: number, { text }: RegistryWords, { name }: Purpose, host: string): TsnsError {
  const message = `${name}: registry ${host}: its token server answered ${status}${text === "" ? "" : `: ${text}`}`;
  const hint = "this is the registry's configuration: tell who runs it";
  return status >= 500
    ? new TsnsError("unavailable", "registry-failed", message, { hint: "the fault is the token server's: try again" })
    : new TsnsError("invalid", "registry-token", message, { hint });
}

function badRealm(host: string, { name }: Purpose, reason: string): TsnsError {
  return new TsnsError("denied", "registry-token", `${name}: registry ${host}: ${reason}`, {
    hint: "this is the registry's configuration: tell who runs it",
  });
}
