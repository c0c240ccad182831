// A repository of a registry: everything that can be asked of it or sent to it, behind one value. Joins the parts; has no rule of its own.
import { renderRepository } from "../image/reference.ts";
import { type BlobOptions, getBlob, hasBlob } from "./blob.ts";
import { type Channel, openChannel } from "./channel.ts";
import type { Credential } from "./credential.ts";
import { type Endpoint, endpointsOf, isInsecure } from "./endpoint.ts";
import { listReferrers, listTags, type Referrer } from "./list.ts";
import { deleteManifest, type FetchedManifest, getManifest, headManifest, type ManifestHead, putManifest } from "./manifest.ts";
import { proxyFor } from "./proxy.ts";
import type { Retry } from "./retry.ts";
import { type SearchResult, search } from "./search.ts";
import { request, type Session } from "./session.ts";
import type { RegistrySettings } from "./settings.ts";
import { type Connection, createTransport } from "./transport.ts";
import { mountBlob, type OpenBlob, putBlob } from "./upload.ts";

export type Action = "pull" | "push" | "delete";

export interface RegistryOptions {
  /** As in a parsed reference: "docker.io", "localhost:5000". */
  readonly domain: string;
  /** Its path: "library/busybox". */
  readonly repository: string;
  readonly scopes: readonly Action[];
  readonly settings: RegistrySettings;
  readonly credential?: Credential | undefined;
  /** For mirrors, by HOST[:PORT]. */
  readonly credentialOf?: ((host: string) => Credential | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /** Ask for an identity token, as a login does. */
  readonly offline?: boolean;
  /** For SSL_CERT_FILE. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Registry extends Disposable {
  /** By tag or digest; verified when by digest. Throws TsnsError invalid `manifest-too-large` (4 MiB), not-found `manifest-not-found`. */
  getManifest(reference: string, accept?: readonly string[]): Promise<FetchedManifest>;
  headManifest(reference: string): Promise<ManifestHead | undefined>;
  /** Goes on by itself after a break. Its length is checked, its digest is not: the store does that while it writes. */
  getBlob(digest: string, options?: BlobOptions): AsyncIterable<Buffer>;
  hasBlob(digest: string): Promise<boolean>;
  /** From another repository of the same registry. */
  mountBlob(digest: string, fromRepository: string): Promise<boolean>;
  /** `open` is called again when it must be sent again. */
  putBlob(digest: string, sizeBytes: number, open: OpenBlob): Promise<void>;
  putManifest(reference: string, mediaType: string, bytes: Uint8Array): Promise<{ digest: string }>;
  deleteManifest(reference: string): Promise<void>;
  listTags(): Promise<string[]>;
  listReferrers(digest: string): Promise<readonly Referrer[]>;
  /** Throws unless the registry answers and accepts the credential; gives the identity token it gave. */
  ping(): Promise<{ identityToken: string | undefined }>;
  search(term: string, limit: number): Promise<readonly SearchResult[]>;
  close(): void;
}

/** Opens nothing yet: the first request connects. */
export function openRegistry(options: RegistryOptions): Registry {
  const { settings, signal, repository: path } = options;
  const env = options.env ?? {};
  const endpoints = endpointsOf(options.domain, settings);
  const transport = createTransport({
    stallMs: settings.stallMs,
    signal,
    connectionOf: (url) => connectionOf(url, settings, endpoints, env),
  });
  const channels = endpoints.map((endpoint): Channel => {
    const credential = endpoint.isMirror ? options.credentialOf?.(endpoint.host) : options.credential;
    return openChannel({ endpoint, transport, settings, credential, offline: options.offline ?? false });
  });
  const channel = channels.at(-1) as Channel;
  const repository = path === "" ? options.domain : renderRepository({ domain: options.domain, path });
  const session: Session = { settings, signal, onRetry: options.onRetry, channels, channel, repository };
  const scope = `repository:${path}:${options.scopes.join(",")}`;
  const upload = { session, path, scope, begun: new Map<string, string>() };
  const close = () => transport.close();
  return {
    getManifest: (reference, accept) => getManifest(session, path, scope, reference, accept),
    headManifest: (reference) => headManifest(session, path, scope, reference),
    getBlob: (digest, blob) => getBlob(session, path, scope, digest, blob),
    hasBlob: (digest) => hasBlob(session, path, scope, digest),
    mountBlob: (digest, from) => mountBlob(upload, digest, from),
    putBlob: (digest, sizeBytes, open) => putBlob(upload, digest, sizeBytes, open),
    putManifest: (reference, mediaType, bytes) => putManifest(session, path, scope, reference, mediaType, bytes),
    deleteManifest: (reference) => deleteManifest(session, path, scope, reference),
    listTags: () => listTags(session, path, scope),
    listReferrers: (digest) => listReferrers(session, path, scope, digest),
    async ping() {
      const exchange = { method: "GET", target: "/v2/", scopes: [], attempt: "login", name: options.domain } as const;
      (await request(session, channel, exchange, { statuses: [200] })).discard();
      return { identityToken: channel.authorizer.identityToken };
    },
    search: (term, limit) => search(session, term, limit),
    close,
    [Symbol.dispose]: close,
  };
}

/** Certificates are read only for the registry and its mirrors; where they redirect to, the host's authorities decide. */
export async function connectionOf(
  url: URL,
  settings: RegistrySettings,
  endpoints: readonly Endpoint[],
  env: NonNullable<RegistryOptions["env"]>,
): Promise<Connection> {
  const proxy = proxyFor(url, settings.proxies);
  if (url.protocol === "http:") return { proxy };
  const { secureContextFor } = await import("./certificate.ts");
  const known = endpoints.find((endpoint) => endpoint.origins.some((origin) => origin.host === url.host));
  const secureContext = secureContextFor(known?.host ?? url.host, settings.certificateDirectories, env);
  return { proxy, secureContext, unverified: isInsecure(url.host, settings.insecure) };
}
