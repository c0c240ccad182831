// Options on a container's network, its ports and names, and what they ask for.
import { isName } from "../../../src/base/id.ts";
import { parseLink } from "../../../src/container/link.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { NetworkMode } from "../../../src/container/spec/network.ts";
import { isIpv6Address, parseAddress } from "../../../src/network/address.ts";
import { parseExpose } from "../../../src/network/expose.ts";
import { parseMac, renderMac } from "../../../src/network/mac.ts";
import { parsePort } from "../../../src/network/port.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { parseNetworkChoice } from "./network-choice.ts";
import { parseDns, parseExtraHost } from "./network-name.ts";
import { badOption, type CreatePart, refusedOption } from "./part.ts";

export const networkOptions = {
  "add-host": { type: "list", describe: "Add a custom host-to-IP mapping (host:ip); host-gateway is the host's address on the network" },
  dns: { type: "list", describe: "Ask these name servers instead of the host's" },
  "dns-option": { type: "list", aliases: ["dns-opt"], describe: "Set DNS options" },
  "dns-search": { type: "list", describe: "Set custom DNS search domains; . for none" },
  expose: { type: "list", describe: "Expose a port or a range of ports" },
  ip: { type: "string", value: "ip", describe: "IPv4 address (e.g., 172.30.100.104), on a network of network create" },
  ip6: { type: "string", value: "ip", describe: "Refused: networks are IPv4" },
  link: { type: "list", describe: "Add link to another container", completes: "running" },
  "link-local-ip": { type: "list", value: "ip", describe: "Refused: a container has the one address of its network" },
  "mac-address": { type: "string", describe: "Container MAC address (e.g., 92:d0:c6:0a:29:33)" },
  network: {
    type: "list",
    aliases: ["net"],
    value: "network",
    describe: "Connect the container to a network: bridge, host, none, a name of network ls, container:NAME",
    completes: "network",
  },
  "network-alias": {
    type: "list",
    aliases: ["net-alias"],
    describe: "Refused: no name server answers on a container's network",
  },
  publish: { type: "list", short: "p", describe: "Publish a container's ports to the host" },
  "publish-all": { type: "boolean", short: "P", describe: "Publish all exposed ports to random ports" },
} as const satisfies OptionTable;

type Values = ValuesOf<typeof networkOptions>;

export function parseNetworking(part: CreatePart, values: Values) {
  const { read } = part;
  const none: NetworkMode = { mode: "none" };
  const choice = read(() => parseNetworkChoice(values.network), {});
  const network = read(() => parseNetwork(choice.name), none);
  const ip = read(() => sameOnce("--ip", values.ip, choice.ip, "IPv4 address"), undefined);
  const hardware = read(() => sameOnce("--mac-address", values["mac-address"], choice.mac, "MAC address"), undefined);
  const each = <T>(texts: readonly string[] | undefined, parse: (text: string) => T | readonly T[]): T[] =>
    (texts ?? []).flatMap((text) => read(() => parse(text), []));
  const extraHosts = (values["add-host"] ?? []).flatMap((text) => read(() => [parseExtraHost(text)], []));
  const links = each(values.link, (text) => [parseLink(text)]);
  const exposed = each(values.expose, parseExpose);
  const dns = parseDns(part, values.dns, values["dns-search"], values["dns-option"]);
  const mac = hardware === undefined ? undefined : read(() => parseHardwareAddress(hardware), undefined);
  const address = ip === undefined ? undefined : read(() => parseOwnAddress(ip, network), undefined);
  refuseOthers(part, values, choice.alias ?? [], network);
  checkMode(part, values, network, { dns: dns !== undefined, mac: mac !== undefined });
  return {
    network,
    ports: each(values.publish, parsePort),
    ...(exposed.length > 0 ? { exposed } : {}),
    ...(values["publish-all"] ? { publishAll: true } : {}),
    ...(links.length > 0 ? { links } : {}),
    ...(extraHosts.length > 0 ? { extraHosts } : {}),
    ...(dns ? { dns } : {}),
    attachments:
      network.mode === "bridge"
        ? [{ network: network.network, ...(address === undefined ? {} : { ipv4: address }), ...(mac === undefined ? {} : { mac }) }]
        : [],
  } satisfies Partial<CreateRequest>;
}

function parseNetwork(text: string | undefined): NetworkMode {
  if (text === undefined || text === "bridge" || text === "default") return { mode: "bridge", network: "bridge" };
  if (text === "none" || text === "host") return { mode: text };
  if (text.startsWith("container:") && text.length > 10) return { mode: "container", container: text.slice(10) };
  if (isName(text)) return { mode: "bridge", network: text };
  throw (text === "" ? badOption : refusedOption)(`--network: invalid network "${text}"`, "use bridge, host, none or container:NAME");
}

function sameOnce(option: string, one: string | undefined, other: string | undefined, what: string): string | undefined {
  if (one !== undefined && other !== undefined && one !== other)
    throw badOption(`conflicting options: cannot specify both ${option} and per-network ${what}`, `give it once`);
  return one ?? other;
}

function parseHardwareAddress(text: string): string {
  const bytes = parseMac(text.replace(/-/g, ":"));
  if (!bytes) throw badOption(`${text} is not a valid mac address`, "write six bytes, such as 92:d0:c6:0a:29:33");
  if (((bytes[0] ?? 0) & 1) !== 0)
    throw badOption(`${text} is not a valid mac address: it is a group's`, "the first byte of a single link's is even");
  if (bytes.every((byte) => byte === 0)) throw badOption(`${text} is not a valid mac address: it is all zeros`);
  return renderMac(bytes);
}

function parseOwnAddress(text: string, network: NetworkMode): string {
  if (parseAddress(text) === undefined) throw refusedOption(`invalid IPv4 address: ${text}`, "write it like 172.30.100.104");
  if (network.mode !== "bridge" || network.network === "bridge")
    throw refusedOption(
      "user specified IP address is supported on user defined networks only",
      "make one: tsns network create --subnet SUBNET NAME",
    );
  return text;
}

/** What cannot work here, each with its reason. */
function refuseOthers({ problems }: CreatePart, values: Values, aliases: readonly string[], network: NetworkMode): void {
  if (values.ip6 !== undefined) {
    if (!isIpv6Address(values.ip6)) problems.add(`invalid IPv6 address: ${values.ip6}`);
    else problems.add(`--ip6 ${values.ip6}: networks of tsns are IPv4`, "leave it out; --ip gives an IPv4 address");
  }
  for (const text of values["link-local-ip"] ?? [])
    problems.add(`--link-local-ip ${text}: a container has the one address of its network`, "leave it out");
  const [alias] = [...(values["network-alias"] ?? []), ...aliases];
  if (alias === undefined) return;
  if (network.mode !== "bridge" || network.network === "bridge")
    problems.add("network-scoped alias is supported only for containers in user defined networks", "--link CONTAINER:ALIAS works on all");
  else
    problems.add(
      `--network-alias ${alias}: no name server answers on a container's network`,
      `--link CONTAINER:${alias} gives it to the one that asks`,
    );
}

/** What docker refuses in a mode of the network, in its words. */
function checkMode(
  { problems }: CreatePart,
  values: Values,
  network: NetworkMode,
  asks: { readonly dns: boolean; readonly mac: boolean },
): void {
  const { mode } = network;
  const conflict = (what: string, hint: string) => problems.refuse(`conflicting options: ${what}`, hint);
  if (values.publish?.length && mode !== "bridge")
    problems.refuse(
      mode === "container"
        ? "conflicting options: port publishing and the container type network mode"
        : `--publish goes with a bridge network, not with --network ${mode}`,
      mode === "container" ? "publish it where that container is made" : undefined,
    );
  if (values["publish-all"] && mode !== "bridge" && !values.publish?.length)
    problems.add(`--publish-all goes with a bridge network, not with --network ${mode}`);
  if (values.link?.length && (mode === "host" || mode === "container"))
    conflict(
      `${mode} type network${mode === "host" ? "ing" : ""} can't be used with links. This would result in undefined behavior`,
      "leave out --link",
    );
  if (values.link?.length && mode === "none") problems.add("--link goes with a bridge network, not with --network none");
  if (asks.mac && mode !== "bridge") conflict("mac-address and the network mode", "only a link of its own has one: --network bridge");
  if (mode === "none" && values["add-host"]?.some((text) => /[:=]host-gateway$/.test(text)))
    problems.add("unable to derive the IP value for host-gateway", "--network none has no way to the host");
  if (mode !== "container") return;
  const own = "it has the files of that container";
  if (values["add-host"]?.length) conflict("custom host-to-IP mapping and the network mode", own);
  if (asks.dns) conflict("dns and the network mode", own);
  if (values.expose?.length) conflict("port exposing and the container type network mode", "expose it where that container is made");
}
