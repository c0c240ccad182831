// What a container asks of one network, from the words of --network, network connect and the options for the first network. Says nothing of
// how many networks there are.
import type { NetworkAttachment } from "../../../src/container/spec/network.ts";
import { canonicalAddress } from "../../../src/network/canonical.ts";
import { familyOfText, ipContains, parseIp, parseIpSubnet } from "../../../src/network/ip.ts";
import { nameProblem } from "../../../src/network/link-name.ts";
import { parseMac, renderMac } from "../../../src/network/mac.ts";
import type { NetworkChoice } from "./network-choice.ts";
import { badOption, refusedOption } from "./part.ts";

/** What `body` returns; `fallback` where it throws and the problem is kept for later. */
type Read = <T>(body: () => T, fallback: T) => T;

const atOnce: Read = (body) => body();

/** Its values checked; of those that are wrong the problems go to `read`. Throws TsnsError invalid for the first of them without it. */
export function parseAttachment(choice: NetworkChoice, read: Read = atOnce): NetworkAttachment {
  const { name, alias = [], ip, ip6, mac, linkLocal = [], driverOptions = [], gatewayPriority } = choice;
  if (name === "bridge") read(() => refuseOnDefault(choice), undefined);
  const maybe = <T>(text: string | undefined, parse: (text: string) => T): T | undefined =>
    text === undefined ? undefined : read<T | undefined>(() => parse(text), undefined);
  const each = (texts: readonly string[], parse: (text: string) => string): readonly string[] => [
    ...new Set(texts.flatMap((text) => read<readonly string[]>(() => [parse(text)], []))),
  ];
  const aliases = each(alias, parseAlias);
  const addresses = each(linkLocal, parseLinkLocal);
  const options = read(() => parseDriverOptions(driverOptions), {});
  const [ipv4, ipv6] = [maybe(ip, (text) => parseOwn(text, "ipv4")), maybe(ip6, (text) => parseOwn(text, "ipv6"))];
  const hardware = maybe(mac, parseHardwareAddress);
  return {
    network: name,
    ...(aliases.length > 0 ? { aliases } : {}),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
    ...(addresses.length > 0 ? { linkLocal: addresses } : {}),
    ...(hardware === undefined ? {} : { mac: hardware }),
    ...(gatewayPriority === undefined ? {} : { gatewayPriority }),
    ...(driverOptions.length > 0 ? { options } : {}),
  };
}

/** docker gives these on networks of its users alone. */
function refuseOnDefault({ ip, ip6, alias }: NetworkChoice): void {
  if (ip !== undefined || ip6 !== undefined)
    throw refusedOption(
      "user specified IP address is supported on user defined networks only",
      "make one: tsns network create --subnet SUBNET NAME",
    );
  if (alias?.length)
    throw refusedOption(
      "network-scoped alias is supported only for containers in user defined networks",
      "make one: tsns network create NAME; --link CONTAINER:ALIAS works on all",
    );
}

function parseOwn(text: string, family: "ipv4" | "ipv6"): string {
  const ip = parseIp(text);
  if (ip?.family === family) return canonicalAddress(text) ?? text;
  const [word, like] = family === "ipv4" ? ["IPv4", "172.30.100.104"] : ["IPv6", "fd00:1::33"];
  throw refusedOption(`invalid ${word} address: ${text}`, `write it like ${like}`);
}

const linkLocalNetworks = ["169.254.0.0/16", "fe80::/10"].flatMap((text) => parseIpSubnet(text) ?? []);

function parseLinkLocal(text: string): string {
  const ip = parseIp(text);
  if (!ip) throw badOption(`invalid link-local IP address: ${text}`, "write it like 169.254.34.68 or fe80::68");
  if (linkLocalNetworks.some((network) => ipContains(network, ip))) return canonicalAddress(text) ?? text;
  throw badOption(
    `invalid link-local IP address: ${text}`,
    familyOfText(text) === "ipv4" ? "link-local ones are in 169.254.0.0/16" : "link-local ones are in fe80::/10",
  );
}

/** A name that a DNS query can ask for. */
function parseAlias(text: string): string {
  if (/^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,251}[a-zA-Z0-9_])?$/.test(text)) return text;
  throw badOption(`invalid network alias "${text}"`, "letters, digits, - and . are in a name");
}

function parseHardwareAddress(text: string): string {
  const bytes = parseMac(text.replace(/-/g, ":"));
  if (!bytes) throw badOption(`${text} is not a valid mac address`, "write six bytes, such as 92:d0:c6:0a:29:33");
  if (((bytes[0] ?? 0) & 1) !== 0)
    throw badOption(`${text} is not a valid mac address: it is a group's`, "the first byte of a single link's is even");
  if (bytes.every((byte) => byte === 0)) throw badOption(`${text} is not a valid mac address: it is all zeros`);
  return renderMac(bytes);
}

const linkName = "com.docker.network.endpoint.ifname";

/** The one option that links have here: their name. */
function parseDriverOptions(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw badOption(`invalid key/value pair format in driver options: ${text}`, "write KEY=VALUE");
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  for (const [key, value] of pairs) {
    if (key !== linkName) throw badOption(`driver option ${key} is not known`, `${linkName} is: the link's name in the container`);
    const problem = value === "lo" ? "lo is the loopback interface" : nameProblem(value);
    if (problem !== undefined) throw badOption(`driver option ${linkName}: ${problem}`);
  }
  return Object.fromEntries(pairs);
}
