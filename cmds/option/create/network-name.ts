// Options on the names a container knows and whom it asks for others: --add-host, --dns, --dns-search, --dns-option.
import type { DnsSpec } from "../../../src/container/spec/network.ts";
import { isIpv6Address, parseAddress } from "../../../src/network/address.ts";
import { badOption, type CreatePart } from "./part.ts";

const isAddress = (text: string): boolean => parseAddress(text) !== undefined || isIpv6Address(text);

/** `NAME:ADDRESS`, `NAME=ADDRESS`, an IPv6 address also in brackets, or `host-gateway`. */
export function parseExtraHost(text: string): readonly [name: string, address: string] {
  const at = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
  const name = text.slice(0, Math.max(at, 0));
  if (name === "" || /[:\s]/.test(name)) throw badOption(`bad format for add-host: "${text}"`, "write it as NAME:ADDRESS");
  const address = text.slice(at + 1).replace(/^\[(.+)\]$/, "$1");
  if (address !== "host-gateway" && !isAddress(address))
    throw badOption(`invalid IP address in add-host: "${address}"`, "write an IPv4 or IPv6 address, or host-gateway");
  return [name, address];
}

/** Name servers, search domains and options; undefined when all are the host's. */
export function parseDns(
  { problems }: CreatePart,
  servers: readonly string[] = [],
  search: readonly string[] = [],
  options: readonly string[] = [],
): DnsSpec | undefined {
  for (const server of servers)
    if (!isAddress(server)) problems.add(`IP address is not correctly formatted: ${server}`, "give --dns an address");
  for (const domain of search) if (!isDomain(domain)) problems.add(`${domain} is not a valid domain`, "such as example.com, or . for none");
  for (const option of options) if (!/^\S+$/.test(option)) problems.add(`--dns-option: invalid option "${option}"`, "see resolv.conf(5)");
  if (servers.length + search.length + options.length === 0) return undefined;
  return {
    ...(servers.length > 0 ? { servers } : {}),
    ...(search.length > 0 ? { search } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}

const label = "[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?";
const domainForm = new RegExp(`^${label}(?:\\.${label})*\\.?$`);

const isDomain = (text: string): boolean => text === "." || (text.length < 255 && domainForm.test(text));
