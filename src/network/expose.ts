// Ports that a container listens on without being published, as docker writes them: parsed, ordered, and turned into ports to publish. Pure.
import { TsnsError } from "../base/error.ts";
import { everyAddress } from "./port.ts";
import type { PortSpec, Protocol } from "./spec.ts";

const form = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i;

/** `80`, `80/udp`, `8000-8010/tcp` to `PORT/PROTOCOL` each. Throws TsnsError invalid `bad-expose`. */
export function parseExpose(text: string): string[] {
  const bad = (what: string) =>
    new TsnsError("invalid", "bad-expose", `invalid ${what} format for --expose: ${text}`, {
      hint: "write it as PORT[-PORT][/tcp|udp|sctp]; -p publishes a port on the host",
    });
  if (text.includes(":")) throw bad("port");
  const match = form.exec(text);
  const first = Number(match?.[1] ?? 0);
  const last = Number(match?.[2] ?? first);
  if (!match || first < 1 || last < first || last > 65535) throw bad("range");
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${(match[3] ?? "tcp").toLowerCase()}`);
}

/** Number and protocol of `80/tcp`; undefined for what an image wrote otherwise. */
function split(exposed: string): { readonly containerPort: number; readonly protocol: Protocol } | undefined {
  const match = form.exec(exposed);
  return match ? { containerPort: Number(match[1]), protocol: (match[3] ?? "tcp").toLowerCase() as Protocol } : undefined;
}

/** In one spelling, once each, by number, tcp first: docker's order. */
export function orderExposed(exposed: readonly string[]): string[] {
  const ports = exposed.flatMap((text) => split(text) ?? []);
  const ordered = ports.sort((a, b) => a.containerPort - b.containerPort || (a.protocol === "tcp" ? -1 : b.protocol === "tcp" ? 1 : 0));
  return [...new Set(ordered.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`))];
}

/** What is said of ports that were asked for where there is no bridge to publish them from; of the host's network docker's words. */
export function discardedPorts({
  network,
  ports,
  publishAll,
}: {
  readonly network: { readonly mode: string };
  readonly ports: readonly PortSpec[];
  readonly publishAll?: boolean;
}): readonly string[] {
  if (ports.length === 0 && !publishAll) return [];
  if (network.mode === "host") return ["Published ports are discarded when using host network mode"];
  return network.mode === "none" ? ["network none: no port is published"] : [];
}

/** What is published when a container starts: what was asked for and, with `publishAll`, each other exposed port somewhere. */
export function portsToPublish(spec: {
  readonly ports: readonly PortSpec[];
  readonly exposed?: readonly string[];
  readonly publishAll?: boolean;
}): readonly PortSpec[] {
  if (!spec.publishAll) return spec.ports;
  const isPublished = (port: { readonly containerPort: number; readonly protocol: Protocol }) =>
    spec.ports.some((other) => other.containerPort === port.containerPort && other.protocol === port.protocol);
  const rest = orderExposed(spec.exposed ?? []).flatMap((text) => split(text) ?? []);
  return [
    ...spec.ports,
    ...rest.filter((port) => !isPublished(port)).map((port): PortSpec => ({ hostIp: everyAddress, hostPort: 0, ...port })),
  ];
}
