// The value of --network: a name, or docker's long form `name=NET,ip=ADDRESS,...`. Says what it has, not whether it can be.
import { badOption } from "./part.ts";

export interface NetworkChoice {
  readonly name: string;
  readonly ip?: string;
  readonly ip6?: string;
  readonly mac?: string;
  readonly alias?: readonly string[];
  readonly linkLocal?: readonly string[];
  readonly driverOptions?: readonly string[];
  readonly gatewayPriority?: number;
}

/** The networks of a command line, each once, in their order. Throws for one that is named twice, and for members that cannot be. */
export function parseNetworkChoices(texts: readonly string[] = []): readonly NetworkChoice[] {
  const choices = texts.map(parseOne);
  const names = choices.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw badOption(`network "${twice}" is specified multiple times`, "give each network once");
  return choices;
}

function parseOne(text: string): NetworkChoice {
  if (!text.includes("=")) return { name: text };
  let choice: Partial<NetworkChoice> = {};
  for (const field of text.split(",")) {
    const at = field.indexOf("=");
    const key = field.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const value = field.slice(at + 1).trim();
    if (key === "") throw badOption(`--network: invalid field: ${field}`, "write fields as KEY=VALUE");
    choice = { ...choice, ...readField(key, value, choice) };
  }
  const { name } = choice;
  if (name === undefined || name === "") throw badOption("--network: network name/id is not specified", "add name=NETWORK");
  return { ...choice, name };
}

function readField(key: string, value: string, before: Partial<NetworkChoice>): Partial<NetworkChoice> {
  switch (key) {
    case "name":
      return { name: value };
    case "alias":
      return { alias: [...(before.alias ?? []), value] };
    case "ip":
      return { ip: value };
    case "ip6":
      return { ip6: value };
    case "mac-address":
      return { mac: value };
    case "link-local-ip":
      return { linkLocal: [...(before.linkLocal ?? []), value] };
    case "driver-opt":
      return { driverOptions: [...(before.driverOptions ?? []), value] };
    case "gw-priority":
      return { gatewayPriority: parsePriority(value) };
    default:
      throw badOption(
        `--network: invalid field key ${key}`,
        "name, alias, ip, ip6, mac-address, link-local-ip, driver-opt, gw-priority are known",
      );
  }
}

/** A whole number, negative ones too. */
export function parsePriority(text: string, option = "--network: gw-priority"): number {
  if (/^[+-]?\d{1,9}$/.test(text)) return Number(text);
  throw badOption(`${option}: "${text}" is not a whole number`, "the network with the highest one has the default route");
}
