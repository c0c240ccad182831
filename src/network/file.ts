// Texts of the network files a container gets: /etc/hosts and /etc/resolv.conf. Pure; where they are written is not known here.
import { parseAddress } from "./address.ts";

export interface HostsInput {
  readonly hostname: string;
  /** Of all its links; absent for --network none. */
  readonly addresses?: readonly string[];
  /** More names for the container's own address. */
  readonly aliases?: readonly string[];
  /** `name`, `address` pairs of --add-host. */
  readonly extra?: readonly (readonly [name: string, address: string])[];
}

/** /etc/hosts: loopback, extra hosts, the container's own address. Ends with a newline. */
export function renderHosts(input: HostsInput): string {
  const lines = [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "ff00::\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
    ...(input.extra ?? []).map(([name, address]) => `${address}\t${name}`),
  ];
  const names = [...ownNames(input.hostname), ...(input.aliases ?? [])].join(" ");
  lines.push(...(input.addresses ?? []).map((address) => `${address}\t${names}`));
  return `${lines.join("\n")}\n`;
}

/** hosts(5): the full name first, then the short one, which hostname -s asks for. */
export function ownNames(hostname: string): readonly string[] {
  const short = hostname.split(".")[0] ?? "";
  return short === "" || short === hostname ? [hostname] : [hostname, short];
}

/** Names of the host, for containers that no name server tells them. */
export const hostNames: readonly string[] = ["host.docker.internal", "host.tsns.internal"];

/** Name servers a container gets when the host has none it could reach: Google's, as docker does. */
export const fallbackNameservers: readonly string[] = ["8.8.8.8", "8.8.4.4"];

export interface ResolvInput {
  /** The host's /etc/resolv.conf; empty when it has none. */
  readonly host: string;
  /** /run/systemd/resolve/resolv.conf: the real servers behind systemd-resolved's stub on 127.0.0.53. */
  readonly resolved?: string;
  /** --dns, --dns-search, --dns-option: each replaces the host's lines of that kind; a search of "." means none. */
  readonly nameservers?: readonly string[];
  readonly search?: readonly string[];
  readonly options?: readonly string[];
  /** The host's own network: its loopback servers can be reached. */
  readonly onHost?: boolean;
  /** A server of the container's own, which asks all others. */
  readonly nameServer?: string;
}

/**
 * resolv.conf(5) for a container on a bridge: the host's, without name servers that only the host itself can reach (loopback)
 * and without IPv6 ones, as the container has no IPv6 route.
 */
export function renderResolvConf(input: ResolvInput): string {
  const source = !input.onHost && usesOnlyStub(input.host) && input.resolved ? input.resolved : input.host;
  const lines = source.split("\n").map((line) => line.trim());
  const own = lines.flatMap(nameserverOf).filter((server) => input.onHost || isReachable(server));
  const given = input.nameServer === undefined ? input.nameservers : [input.nameServer];
  const nameservers = given?.length ? given : own.length > 0 ? own : fallbackNameservers;
  const search = input.search?.length ? input.search.filter((domain) => domain !== ".") : lastWords(lines, /^(?:search|domain)\s/);
  const asked = input.options?.length
    ? input.options
    : lines.flatMap((line) => (/^options\s/.test(line) ? line.split(/\s+/).slice(1) : []));
  // A name without a dot is one of a container first of all (docker's line).
  const options = input.nameServer !== undefined && !asked.some((option) => option.startsWith("ndots:")) ? [...asked, "ndots:0"] : asked;
  const rendered = nameservers.map((address) => `nameserver ${address}`);
  if (search.length > 0) rendered.push(`search ${search.join(" ")}`);
  if (options.length > 0) rendered.push(`options ${options.join(" ")}`);
  return `${rendered.join("\n")}\n`;
}

function usesOnlyStub(text: string): boolean {
  const servers = text.split("\n").flatMap((line) => nameserverOf(line.trim()));
  return servers.length > 0 && servers.every((server) => server === "127.0.0.53" || server === "127.0.0.54");
}

function nameserverOf(line: string): string[] {
  const match = /^nameserver\s+(\S+)/.exec(line);
  return match?.[1] === undefined ? [] : [match[1]];
}

function isReachable(server: string): boolean {
  const address = parseAddress(server);
  return address !== undefined && address >>> 24 !== 127 && address !== 0;
}

/** resolv.conf(5): of several search or domain lines the last wins. */
function lastWords(lines: readonly string[], start: RegExp): readonly string[] {
  const line = lines.findLast((candidate) => start.test(candidate));
  return line === undefined ? [] : line.split(/\s+/).slice(1);
}
