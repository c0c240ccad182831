// Where a registry is: the addresses to try for a name in a reference, mirrors first, and which of them may be spoken to without TLS. Pure.
import type { RegistrySettings } from "./settings.ts";

export interface Endpoint {
  /** HOST[:PORT] as people know it; names certificates and credentials. */
  readonly host: string;
  /** Origins in the order they are tried; the first that speaks is kept. */
  readonly origins: readonly URL[];
  readonly isMirror: boolean;
}

/** docker.io's registry has another host name than its images. */
const dockerHubHost = "registry-1.docker.io";

export function registryHost(domain: string): string {
  return domain === "docker.io" ? dockerHubHost : domain;
}

/** The mirrors of a registry and then itself. */
export function endpointsOf(domain: string, settings: RegistrySettings): readonly Endpoint[] {
  const mirrors = (settings.mirrors[domain] ?? []).map((text): Endpoint => {
    const url = new URL(text);
    return { host: url.host, origins: [new URL(url.origin)], isMirror: true };
  });
  const host = registryHost(domain);
  return [...mirrors, { host: domain, origins: originsOf(host, settings).map((text) => new URL(text)), isMirror: false }];
}

/** http comes first on loopback, where nobody listens in; elsewhere only where the settings allow it, after https. */
function originsOf(host: string, settings: RegistrySettings): readonly string[] {
  const http = `http://${host}`;
  const https = `https://${host}`;
  if (isLoopback(hostName(host))) return [http, https];
  return isInsecure(host, settings.insecure) ? [https, http] : [https];
}

/** Without port and brackets. */
export function hostName(host: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(host);
  return bracketed?.[1] ?? host.replace(/:\d+$/, "");
}

export function isLoopback(name: string): boolean {
  return name === "localhost" || name === "::1" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Whether a list of hosts, HOST:PORTs and CIDR blocks has `host`. */
export function isInsecure(host: string, insecure: readonly string[]): boolean {
  const name = hostName(host);
  return insecure.some((entry) => entry === host || entry === name || inBlock(name, entry));
}

/** Whether an IPv4 address lies in a block like 10.0.0.0/8. */
export function inBlock(address: string, block: string): boolean {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(block);
  const wanted = ipv4Number(match?.[1] ?? "");
  const given = ipv4Number(address);
  const bits = Number(match?.[2]);
  if (wanted === undefined || given === undefined || bits > 32) return false;
  return Math.floor(wanted / 2 ** (32 - bits)) === Math.floor(given / 2 ** (32 - bits));
}

function ipv4Number(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
