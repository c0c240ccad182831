// What went wrong between here and a registry, in one line: network, TLS, and the registry's own words. Pure.
import { TsnsError } from "../base/error.ts";
import { isObject, parseObject } from "../base/json.ts";

/** Registries' messages are shown up to this length. */
const wordsMax = 200;
/** Of an error's body so many bytes are read. */
export const errorBodyMaxBytes = 64 * 1024;

/** Errors of a connection that may be gone at the next try. */
const passing = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ESTALLED",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ECONNABORTED",
  "HPE_INVALID_EOF_STATE",
]);

const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
]);

/** Node's error code; undefined for what is no system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function isPassing(error: unknown): boolean {
  return passing.has(codeOf(error) ?? "");
}

/** Notes at a system error that it came from the server that gives a registry's tokens, a host of its own. */
export function ofTokenServer(error: unknown, tokenServer: string): unknown {
  return codeOf(error) === undefined || error instanceof TsnsError ? error : Object.assign(error as Error, { tokenServer });
}

/** The error of a network operation for `name` (a reference or repository) on `host`, a `kind` of server. TsnsErrors stay as they are. */
export function networkFailure(error: unknown, name: string, host: string, kind = "registry"): TsnsError {
  if (error instanceof TsnsError) return error;
  const code = codeOf(error) ?? "";
  const cause = { cause: error };
  const tokenServer = error instanceof Error && "tokenServer" in error ? String(error.tokenServer) : undefined;
  const registry = `${kind} ${host}${tokenServer === undefined ? "" : `: its token server ${tokenServer}`}`;
  const at = name === host ? registry : `${name}: ${registry}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const why = code === "ENOTFOUND" ? "no such host" : "its name cannot be looked up now";
    return new TsnsError("unavailable", "registry-unknown-host", `${at}: ${why}`, {
      hint: "check the name and the host's DNS (/etc/resolv.conf)",
      ...cause,
    });
  }
  if (code === "ECONNREFUSED") {
    return new TsnsError("unavailable", "registry-unreachable", `${at}: connection refused`, {
      hint: `is the ${kind} running, and is the port right?`,
      ...cause,
    });
  }
  if (code === "ESTALLED") {
    return new TsnsError("unavailable", "registry-stalled", `${at}: it does not answer: ${messageOf(error)}`, {
      hint: "try again later",
      ...cause,
    });
  }
  return (
    tlsFailure(error, code, at, tokenServer ?? host) ??
    new TsnsError("unavailable", "registry-connection", `${at}: ${describe(error, code)}`, {
      hint: code.startsWith("HPE_") ? addressHint : "try again",
      ...cause,
    })
  );
}

function tlsFailure(error: unknown, code: string, at: string, host: string): TsnsError | undefined {
  const cause = { cause: error };
  if (untrusted.has(code)) {
    return new TsnsError("denied", "registry-certificate", `${at}: its certificate is signed by an unknown authority`, {
      hint: `put the authority's certificate into /etc/docker/certs.d/${host}/ca.crt`,
      ...cause,
    });
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code.startsWith("CERT_")) {
    const why =
      code === "CERT_HAS_EXPIRED"
        ? "its certificate has expired"
        : code === "CERT_NOT_YET_VALID"
          ? "its certificate is not valid yet"
          : undefined;
    return new TsnsError(
      "denied",
      "registry-certificate",
      `${at}: ${why ?? `its certificate is for another name (${shorten(messageOf(error))})`}`,
      {
        hint: `a certificate for ${host} is needed; its authority's goes into /etc/docker/certs.d/${host}/ca.crt`,
        ...cause,
      },
    );
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG" || code === "ERR_SSL_HTTP_REQUEST") {
    return new TsnsError("denied", "registry-no-tls", `${at}: it does not speak TLS`, {
      hint: `if that is meant to be, add "${host}" to "insecure-registries" in /etc/tsns/registries.json`,
      ...cause,
    });
  }
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    const asks = /certificate.required|handshake.failure|bad.certificate|unknown.ca/i.test(`${code} ${messageOf(error)}`);
    return new TsnsError("denied", "registry-tls", `${at}: TLS fails: ${shorten(messageOf(error))}`, {
      hint: asks
        ? `it may want a client certificate: /etc/docker/certs.d/${host}/client.cert and client.key`
        : `look at it with openssl s_client -connect ${host}`,
      ...cause,
    });
  }
  return undefined;
}

function describe(error: unknown, code: string): string {
  if (code === "ECONNRESET" || code === "EPIPE") return "the connection broke";
  if (code === "ETIMEDOUT") return "the connection timed out";
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return "no route to it";
  if (code.startsWith("ERR_PROXY")) return `through the proxy: ${shorten(messageOf(error))}`;
  if (code.startsWith("HPE_")) return `it does not speak HTTP (${shorten(messageOf(error))})`;
  return shorten(messageOf(error)) || code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One line of printable text. */
export function shorten(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim();
  return line.length > wordsMax ? `${line.slice(0, wordsMax)}...` : line;
}

export interface RegistryWords {
  /** "MANIFEST_UNKNOWN", "UNAUTHORIZED" ...; absent where the body is not the specification's. */
  readonly code?: string;
  /** "manifest unknown: what it said", one line; empty when it said nothing. */
  readonly text: string;
}

/** The first error of a registry's error body, as docker writes it. */
export function parseErrorBody(body: string): RegistryWords {
  const errors = parseObject(body)?.errors;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (!isObject(first)) {
    const message = parseObject(body)?.message ?? parseObject(body)?.details ?? parseObject(body)?.error;
    if (typeof message === "string") return { text: shorten(message) };
    return { text: /^\s*[<{[]/.test(body) ? "" : shorten(body) };
  }
  const code = typeof first.code === "string" ? first.code : undefined;
  const words = code?.toLowerCase().replaceAll("_", " ");
  const message = typeof first.message === "string" ? first.message : "";
  const detail = typeof first.detail === "string" ? first.detail : "";
  const text = [words, message, detail].filter((part) => part !== undefined && part !== "" && part !== words);
  return { ...(code === undefined ? {} : { code }), text: shorten([...(words ? [words] : []), ...text].join(": ")) };
}

const addressHint = "is this the address of a registry?";
/** Of answers that mean one thing only. */
const pushHints: Readonly<Record<number, string>> = {
  405: "the registry may be read-only",
  413: 'a proxy before the registry limits uploads: set "upload-chunk-bytes" in /etc/tsns/registries.json, or raise its limit',
};

/** What was tried, for the words of a refusal. */
export type Attempt = "pull" | "push" | "delete" | "login" | "search";

/** An answer that is no success, in docker's words where docker has some. */
export function statusFailure(status: number, words: RegistryWords, attempt: Attempt, name: string, host: string): TsnsError {
  const said = words.text === "" ? "" : `: ${words.text}`;
  if (status === 401 || status === 403) return refused(attempt, name, host, said);
  if (status === 429) {
    return new TsnsError("unavailable", "registry-busy", `${name}: registry ${host}: too many requests${said}`, {
      hint: `wait, or log in: tsns login ${host}`,
    });
  }
  const at = name === host ? `registry ${host}` : `${name}: registry ${host}`;
  if (status >= 500) {
    const hint = "the fault is the registry's: look at its log, try again";
    return new TsnsError("unavailable", "registry-failed", `${at} answered ${status}${said}`, { hint });
  }
  const hint = attempt === "login" || status === 404 ? addressHint : (pushHints[status] ?? "the registry does not accept this request");
  return new TsnsError("invalid", "registry-refused", `${at} answered ${status}${said}`, { hint });
}

function refused(attempt: Attempt, name: string, host: string, said: string): TsnsError {
  const hint = attempt === "login" ? "check user name and password" : `run 'tsns login ${host}' as someone who may ${attempt}`;
  const message =
    attempt === "pull"
      ? `pull access denied for ${name}, repository does not exist or may require 'docker login'${said}`
      : attempt === "login"
        ? `login to ${host} refused${said}`
        : `${attempt} access denied for ${name.replace(/@.*/, "")}${said || ": requested access to the resource is denied"}`;
  return new TsnsError("denied", "registry-denied", message, { hint });
}
