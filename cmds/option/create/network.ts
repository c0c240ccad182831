// Options on a container's network, its ports and names, and what they ask for.
import { parseLink } from "../../../src/container/link.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { NetworkAttachment, NetworkMode } from "../../../src/container/spec/network.ts";
import { parseExpose } from "../../../src/network/expose.ts";
import { parsePort } from "../../../src/network/port.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { parseAttachment } from "./attachment.ts";
import { type NetworkChoice, parseNetworkChoices } from "./network-choice.ts";
import { parseDns, parseExtraHost } from "./network-name.ts";
import { badOption, type CreatePart, refusedOption } from "./part.ts";

export const networkOptions = {
  "add-host": { type: "list", describe: "Add a custom host-to-IP mapping (host:ip); host-gateway is the host's address on the network" },
  dns: { type: "list", describe: "Ask these name servers instead of the host's" },
  "dns-option": { type: "list", aliases: ["dns-opt"], describe: "Set DNS options" },
  "dns-search": { type: "list", describe: "Set custom DNS search domains; . for none" },
  expose: { type: "list", describe: "Expose a port or a range of ports" },
  ip: { type: "string", value: "ip", describe: "IPv4 address (e.g., 172.30.100.104), on a network of network create" },
  ip6: { type: "string", value: "ip", describe: "IPv6 address (e.g., fd00:1::33), on a network of network create" },
  link: { type: "list", describe: "Add link to another container", completes: "running" },
  "link-local-ip": { type: "list", value: "ip", describe: "Container IPv4/IPv6 link-local addresses" },
  "mac-address": { type: "string", describe: "Container MAC address (e.g., 92:d0:c6:0a:29:33)" },
  network: {
    type: "list",
    aliases: ["net"],
    value: "network",
    describe: "Connect the container to a network: bridge, host, none, a name of network ls (more than once), container:NAME",
    completes: "network",
  },
  "network-alias": {
    type: "list",
    aliases: ["net-alias"],
    describe: "Add network-scoped alias for the container",
  },
  publish: { type: "list", short: "p", describe: "Publish a container's ports to the host" },
  "publish-all": { type: "boolean", short: "P", describe: "Publish all exposed ports to random ports" },
} as const satisfies OptionTable;

type Values = ValuesOf<typeof networkOptions>;

export function parseNetworking(part: CreatePart, values: Values) {
  const { read } = part;
  const unknown: NetworkMode = { mode: "bridge", network: "" };
  const choices = read(() => parseNetworkChoices(values.network), []);
  const [first, ...others] = choices;
  const network = read(() => parseNetwork(first?.name), unknown);
  const each = <T>(texts: readonly string[] | undefined, parse: (text: string) => T | readonly T[]): T[] =>
    (texts ?? []).flatMap((text) => read(() => parse(text), []));
  const extraHosts = (values["add-host"] ?? []).flatMap((text) => read(() => [parseExtraHost(text)], []));
  const links = each(values.link, (text) => [parseLink(text)]);
  const exposed = each(values.expose, parseExpose);
  const dns = parseDns(part, values.dns, values["dns-search"], values["dns-option"]);
  const own = read(() => [withOptions(first, values)], []);
  if (others.length > 0) read(() => refuseMixture(choices), undefined);
  const attachments = [...own, ...others].map((choice) => parseAttachment(choice, read));
  checkMode(part, values, network, { dns: dns !== undefined, asked: attachments[0] });
  return {
    network,
    ports: each(values.publish, parsePort),
    ...(exposed.length > 0 ? { exposed } : {}),
    ...(values["publish-all"] ? { publishAll: true } : {}),
    ...(links.length > 0 ? { links } : {}),
    ...(extraHosts.length > 0 ? { extraHosts } : {}),
    ...(dns ? { dns } : {}),
    attachments: network.mode === "bridge" ? attachments : [],
  } satisfies Partial<CreateRequest>;
}

function parseNetwork(text: string | undefined): NetworkMode {
  if (text === undefined || text === "bridge" || text === "default") return { mode: "bridge", network: "bridge" };
  if (text === "none" || text === "host") return { mode: text };
  if (text === "container:")
    throw refusedOption("invalid network mode: invalid container format container:<name|id>", "write it as container:NAME");
  if (text.startsWith("container:")) return { mode: "container", container: text.slice(10) };
  if (isNetworkName(text)) return { mode: "bridge", network: text };
  throw (text === "" ? badOption : refusedOption)(`--network: invalid network "${text}"`, "use bridge, host, none or container:NAME");
}

/** A name or an id; unlike a container's it may have one character. */
const isNetworkName = (text: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text);

const predefined = /^(bridge|default|host|none|container:.*)$/;

/** docker: with several networks all are networks of users. */
function refuseMixture(choices: readonly NetworkChoice[]): void {
  for (const { name } of choices)
    if (!predefined.test(name) && !isNetworkName(name))
      throw refusedOption(`--network: invalid network "${name}"`, "tsns network ls lists them");
  if (choices.some(({ name }) => predefined.test(name)))
    throw badOption(
      "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
      "give several networks of network create, or one; network connect joins others later",
    );
}

/** The first network with what the options of their own say of it. Throws for what both say. */
function withOptions(choice: NetworkChoice | undefined, values: Values): NetworkChoice {
  const sole = (option: keyof Values & string, isSaid: boolean, what: string): void => {
    const given = values[option];
    if (isSaid && given !== undefined && (!Array.isArray(given) || given.length > 0))
      throw badOption(`conflicting options: cannot specify both --${option} and per-network ${what}`, "give it once");
  };
  sole("ip", choice?.ip !== undefined, "IPv4 address");
  sole("ip6", choice?.ip6 !== undefined, "IPv6 address");
  sole("mac-address", choice?.mac !== undefined, "MAC address");
  sole("network-alias", choice?.alias !== undefined, "alias");
  sole("link-local-ip", choice?.linkLocal !== undefined, "link-local IP addresses");
  const name = choice?.name ?? "bridge";
  return {
    ...choice,
    name: name === "default" ? "bridge" : name,
    ...(values.ip === undefined ? {} : { ip: values.ip }),
    ...(values.ip6 === undefined ? {} : { ip6: values.ip6 }),
    ...(values["mac-address"] === undefined ? {} : { mac: values["mac-address"] }),
    ...(values["network-alias"]?.length ? { alias: values["network-alias"] } : {}),
    ...(values["link-local-ip"]?.length ? { linkLocal: values["link-local-ip"] } : {}),
  };
}

/** What docker refuses in a mode of the network, in its words. */
function checkMode(
  { problems }: CreatePart,
  values: Values,
  network: NetworkMode,
  asks: { readonly dns: boolean; readonly asked: NetworkAttachment | undefined },
): void {
  const { mode } = network;
  const conflict = (what: string, hint: string) => problems.refuse(`conflicting options: ${what}`, hint);
  // With host and none they are discarded, and the engine says so.
  if (mode === "container" && (values.publish?.length || values["publish-all"]))
    conflict("port publishing and the container type network mode", "publish it where that container is made");
  if (values.link?.length && (mode === "host" || mode === "container"))
    conflict(
      `${mode} type network${mode === "host" ? "ing" : ""} can't be used with links. This would result in undefined behavior`,
      "leave out --link",
    );
  if (values.link?.length && mode === "none") problems.add("--link goes with a bridge network, not with --network none");
  if (mode !== "bridge") refuseOwnLink(conflict, problems, asks.asked);
  if (mode === "none" && values["add-host"]?.some((text) => /[:=]host-gateway$/.test(text)))
    problems.add("unable to derive the IP value for host-gateway", "--network none has no way to the host");
  if (mode !== "container") return;
  const own = "it has the files of that container";
  if (values["add-host"]?.length) conflict("custom host-to-IP mapping and the network mode", own);
  if (asks.dns) conflict("dns and the network mode", own);
  if (values.expose?.length) conflict("port exposing and the container type network mode", "expose it where that container is made");
}

/** What only a link of the container's own can have. */
function refuseOwnLink(
  conflict: (what: string, hint: string) => void,
  problems: CreatePart["problems"],
  { mac, ipv4, ipv6, aliases, linkLocal, gatewayPriority, options }: Partial<NetworkAttachment> = {},
): void {
  if (mac !== undefined) conflict("mac-address and the network mode", "only a link of its own has one: --network bridge");
  const hint = "make one: tsns network create --subnet SUBNET NAME";
  if (ipv4 !== undefined || ipv6 !== undefined)
    problems.refuse("user specified IP address is supported on user defined networks only", hint);
  if (aliases) problems.add("network-scoped alias is supported only for containers in user defined networks", hint);
  if (linkLocal) problems.add("--link-local-ip goes with a network of its own", hint);
  if (gatewayPriority !== undefined || options) problems.add("gw-priority and driver-opt go with a network of its own", hint);
}
