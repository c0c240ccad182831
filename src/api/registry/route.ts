// Which handler answers which method and path. Knows the shape of addresses, not what names are right.
import { getBlob, removeBlob } from "./blob.ts";
import type { Exchange } from "./exchange.ts";
import { getCatalog, getTags, getVersion } from "./list.ts";
import { getManifest, getReferrers, putManifest, removeManifest } from "./manifest.ts";
import { beginBlob, cancelBlob, continueBlob, endBlob, getUpload } from "./upload.ts";

export type Handler = (exchange: Exchange) => void | Promise<void>;

export interface Route {
  /** Its groups are the names the handler gets. */
  readonly path: RegExp;
  /** HEAD stands with GET. */
  readonly methods: Readonly<Record<string, Handler>>;
}

export const routes: readonly Route[] = [
  { path: /^\/v2\/?$/, methods: { GET: getVersion } },
  { path: /^\/v2\/_catalog$/, methods: { GET: getCatalog } },
  { path: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: getTags } },
  { path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: getReferrers } },
  { path: /^\/v2\/(.+)\/manifests\/([^/]+)$/, methods: { GET: getManifest, PUT: putManifest, DELETE: removeManifest } },
  { path: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: beginBlob } },
  {
    path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: { GET: getUpload, PATCH: continueBlob, PUT: endBlob, DELETE: cancelBlob },
  },
  { path: /^\/v2\/(.+)\/blobs\/([^/]+)$/, methods: { GET: getBlob, DELETE: removeBlob } },
];

/** Methods that change something. */
export const changingMethods: readonly string[] = ["DELETE", "PATCH", "POST", "PUT"];

export interface Found {
  /** Undefined where the path takes other methods only. */
  readonly handler: Handler | undefined;
  readonly names: readonly string[];
  readonly allowed: readonly string[];
}

/** Undefined for a path that no route has. */
export function findRoute(method: string, path: string): Found | undefined {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (!match) continue;
    const handler = Object.entries(route.methods).find(([name]) => name === (method === "HEAD" ? "GET" : method))?.[1];
    const allowed = Object.keys(route.methods).flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
    return { handler, names: match.slice(1), allowed };
  }
  return undefined;
}
