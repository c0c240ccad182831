// The value of --network: a name, or docker's long form `name=NET,ip=ADDRESS,...`. Says what it has, not whether it can be.
import { badOption, refusedOption } from "./part.ts";

export interface NetworkChoice {
  readonly name?: string;
  readonly ip?: string;
  readonly mac?: string;
  readonly alias?: readonly string[];
}

/** The one network of a command line. Throws for two of them, and for members that cannot be. */
export function parseNetworkChoice(texts: readonly string[] | undefined): NetworkChoice {
  const choices = [...new Set(texts)].map(parseOne);
  const names = [...new Set(choices.map(({ name }) => name))];
  if (names.length > 1)
    throw refusedOption(
      `--network: a container has one network, not ${names[0]} and ${names.slice(1).join(" and ")}`,
      "give --network once",
    );
  const merged: NetworkChoice = Object.assign({}, ...choices);
  const alias = choices.flatMap((choice) => choice.alias ?? []);
  return alias.length > 0 ? { ...merged, alias } : merged;
}

function parseOne(text: string): NetworkChoice {
  if (!text.includes("=")) return { name: text };
  let choice: NetworkChoice = {};
  for (const field of text.split(",")) {
    const at = field.indexOf("=");
    const key = field.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const value = field.slice(at + 1).trim();
    if (key === "") throw badOption(`--network: invalid field: ${field}`, "write fields as KEY=VALUE");
    choice = { ...choice, ...readField(key, value, choice) };
  }
  if (choice.name === undefined || choice.name === "") throw badOption("--network: network name/id is not specified", "add name=NETWORK");
  return choice;
}

function readField(key: string, value: string, before: NetworkChoice): NetworkChoice {
  switch (key) {
    case "name":
      return { name: value };
    case "alias":
      return { alias: [...(before.alias ?? []), value] };
    case "ip":
      return { ip: value };
    case "mac-address":
      return { mac: value };
    case "ip6":
      throw badOption(`--network: ip6=${value}: networks of tsns are IPv4`, "leave it out");
    case "link-local-ip":
      throw badOption(`--network: link-local-ip=${value}: a container has the one address of its network`, "leave it out");
    case "driver-opt":
      throw badOption(`--network: driver-opt=${value}: the bridge driver takes no options of an endpoint`, "leave it out");
    case "gw-priority":
      throw badOption(`--network: gw-priority=${value}: a container has one network, so one gateway`, "leave it out");
    default:
      throw badOption(`--network: invalid field key ${key}`, "name, ip, mac-address, alias are known");
  }
}
