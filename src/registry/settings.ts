// How registries are reached: which may be spoken to without TLS, mirrors, certificates, proxies, patience. Types and the parser of the
// settings file, whose keys are those of docker's daemon.json where docker has them. Reads no file: settings-file.ts does.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject } from "../base/json.ts";

export interface ProxySettings {
  /** Proxy for http: and for https: URLs, as a URL. */
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts reached without: names, .suffixes, addresses, CIDR blocks, `*`; each may have a port. */
  readonly none: readonly string[];
}

export interface RegistrySettings {
  /** HOST, HOST:PORT or CIDR blocks that may be spoken to over http, and over TLS without a check of the certificate. */
  readonly insecure: readonly string[];
  /** For a registry ("docker.io") the base URLs that are asked first. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** Directories with a folder per HOST[:PORT]: *.crt (authorities), *.cert with *.key (client certificates). */
  readonly certificateDirectories: readonly string[];
  readonly proxies: ProxySettings;
  /** A connection that moves nothing for so long is broken. */
  readonly stallMs: number;
  /** Tries of one request or of one point of a download. */
  readonly tries: number;
  /** Wait before the second try; doubles with each further one. */
  readonly backoffMs: number;
  /** Uploads go in pieces of so many bytes; absent: in one piece. */
  readonly chunkBytes?: number | undefined;
}

export const defaultSettings: RegistrySettings = {
  insecure: [],
  mirrors: {},
  certificateDirectories: ["/etc/docker/certs.d", "/etc/containers/certs.d", "/etc/tsns/certs.d"],
  proxies: { none: [] },
  stallMs: 30_000,
  tries: 5,
  backoffMs: 500,
};

const ownKeys = ["insecure-registries", "registry-mirrors", "mirrors", "certificate-directories", "proxies"] as const;
const numberKeys = { "stall-seconds": "stallMs", tries: "tries", "upload-chunk-bytes": "chunkBytes" } as const;

/**
 * Settings from the text of a file laid over `base`. Unknown keys are an error in tsns's own file (`strict`) and ignored in docker's.
 * Throws TsnsError invalid `bad-settings` with all problems.
 */
export function parseRegistrySettings(text: string, path: string, base: RegistrySettings, strict: boolean): RegistrySettings {
  const problems: string[] = [];
  const value = parseJson(text, problems);
  const known: readonly string[] = [...ownKeys, ...Object.keys(numberKeys)];
  if (strict) problems.push(...Object.keys(value).flatMap((key) => (known.includes(key) ? [] : [`${JSON.stringify(key)} is no setting`])));
  const mirrors = { ...base.mirrors, ...parseMirrors(value, problems) };
  const directories = strings(value, "certificate-directories", problems);
  const settings = {
    ...base,
    insecure: [...base.insecure, ...strings(value, "insecure-registries", problems)],
    mirrors,
    certificateDirectories: [...base.certificateDirectories, ...directories],
    proxies: parseProxies(value.proxies, base.proxies, problems),
    ...(strict ? parseNumbers(value, problems) : {}),
  };
  if (problems.length === 0) return settings;
  throw new TsnsError("invalid", "bad-settings", `${path}: ${problems.join("; ")}`, {
    hint: 'write it as {"insecure-registries": ["HOST:PORT"], "mirrors": {"docker.io": ["https://HOST"]}}',
  });
}

function parseJson(text: string, problems: string[]): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
    problems.push("not a JSON object");
  } catch (error) {
    problems.push(`not JSON (${error instanceof Error ? error.message : error})`);
  }
  return {};
}

function strings(value: JsonObject, key: string, problems: string[]): readonly string[] {
  const list = value[key];
  if (list === undefined) return [];
  if (Array.isArray(list) && list.every((entry) => typeof entry === "string" && entry !== "")) return list;
  problems.push(`${JSON.stringify(key)} must be a list of texts`);
  return [];
}

/** docker's `registry-mirrors` are those of docker.io; `mirrors` has them by registry. */
function parseMirrors(value: JsonObject, problems: string[]): Record<string, readonly string[]> {
  const mirrors: Record<string, readonly string[]> = {};
  const ofDocker = strings(value, "registry-mirrors", problems);
  if (ofDocker.length > 0) mirrors["docker.io"] = ofDocker;
  const byHost = value.mirrors ?? {};
  if (isObject(byHost)) for (const host of Object.keys(byHost)) mirrors[host] = strings(byHost, host, problems);
  else problems.push('"mirrors" must be an object of lists');
  for (const url of Object.values(mirrors).flat()) {
    if (!/^https?:\/\/[^/?#]+\/?$/.test(url) || !URL.canParse(url))
      problems.push(`the mirror ${JSON.stringify(url)} is no URL like https://HOST:PORT`);
  }
  return mirrors;
}

function parseProxies(value: unknown, base: ProxySettings, problems: string[]): ProxySettings {
  if (value === undefined) return base;
  if (!isObject(value)) {
    problems.push('"proxies" must be an object');
    return base;
  }
  const text = (key: string) => {
    const found = value[key];
    if (found !== undefined && typeof found !== "string") problems.push(`${JSON.stringify(key)} must be a text`);
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  const none = text("no-proxy");
  return {
    http: text("http-proxy") ?? base.http,
    https: text("https-proxy") ?? base.https,
    none: none === undefined ? base.none : splitNoProxy(none),
  };
}

function parseNumbers(value: JsonObject, problems: string[]): Partial<RegistrySettings> {
  const numbers: Record<string, number> = {};
  for (const [key, name] of Object.entries(numberKeys)) {
    const found = value[key];
    if (found === undefined) continue;
    if (typeof found !== "number" || !Number.isFinite(found) || found <= 0)
      problems.push(`${JSON.stringify(key)} must be a number above 0`);
    else numbers[name] = name === "stallMs" ? found * 1000 : Math.ceil(found);
  }
  return numbers;
}

export function splitNoProxy(text: string): readonly string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
