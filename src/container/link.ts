// What a linked container is told of the other one: its environment, docker's names, and the names for /etc/hosts. Pure.
import { TsnsError } from "../base/error.ts";
import { orderExposed } from "../network/expose.ts";
import type { LinkSpec } from "./spec/network.ts";

/** `NAME[:ALIAS]`. Throws TsnsError invalid `bad-link`. */
export function parseLink(text: string): LinkSpec {
  const parts = text.split(":");
  const [container = "", alias = container] = parts;
  if (container === "" || alias === "" || parts.length > 2) {
    throw new TsnsError("invalid", "bad-link", `bad format for links: ${text}`, { hint: "write it as CONTAINER[:ALIAS]" });
  }
  return { container, alias: alias.replace(/^\//, "") };
}

/** The container that is linked to, while it runs. */
export interface LinkSource {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly address: string;
  readonly exposed: readonly string[];
  /** What its image and user set, `NAME=value`. */
  readonly env: readonly string[];
}

/** Names of the source, its alias first. */
export function linkNames(alias: string, source: LinkSource): string[] {
  return [...new Set([alias, source.hostname, source.name])];
}

/** docker leaves these out: they say nothing of the source. */
const untold = new Set(["HOME", "PATH"]);

/**
 * The variables of a link: `ALIAS_PORT`, `ALIAS_PORT_80_TCP` with `_ADDR`, `_PORT`, `_PROTO`, ports in a row with `_START` and `_END`,
 * `ALIAS_NAME`, and the source's own as `ALIAS_ENV_X`. `child`: name of the container that has the link.
 */
export function linkEnvironment(child: string, alias: string, source: LinkSource): string[] {
  const prefix = alias.replace(/-/g, "_").toUpperCase();
  const ports = orderExposed(source.exposed).map((text) => {
    const [number = "", protocol = "tcp"] = text.split("/");
    return {
      number,
      protocol,
      url: `${protocol}://${source.address}:${number}`,
      name: `${prefix}_PORT_${number}_${protocol.toUpperCase()}`,
    };
  });
  const [lowest] = ports;
  const rows = ports.flatMap((port, at) => {
    const isNext = (other: (typeof ports)[number] | undefined, by: number) =>
      other?.protocol === port.protocol && Number(other.number) === Number(port.number) + by;
    if (isNext(ports[at - 1], -1) || !isNext(ports[at + 1], 1)) return [];
    let last = at;
    while (isNext(ports[last + 1], last + 1 - at)) last++;
    const end = ports[last] ?? port;
    return [
      `${port.name}_START=${port.url}`,
      `${port.name}_ADDR=${source.address}`,
      `${port.name}_PROTO=${port.protocol}`,
      `${port.name}_PORT_START=${port.number}`,
      `${port.name}_END=${end.url}`,
      `${port.name}_PORT_END=${end.number}`,
    ];
  });
  return [
    ...(lowest ? [`${prefix}_PORT=${lowest.url}`] : []),
    ...rows,
    ...ports.flatMap(({ name, number, protocol, url }) => [
      `${name}=${url}`,
      `${name}_ADDR=${source.address}`,
      `${name}_PORT=${number}`,
      `${name}_PROTO=${protocol}`,
    ]),
    `${prefix}_NAME=/${child}/${alias}`,
    ...source.env.flatMap((entry) => (untold.has(entry.split("=", 1)[0] ?? "") || !entry.includes("=") ? [] : [`${prefix}_ENV_${entry}`])),
  ];
}
