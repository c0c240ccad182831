// The files of a container that say who it is on the network: what is in them, and the steps that write them.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { tryReadText } from "../../kernel/text-file.ts";
import { hostNames, renderHosts } from "../../network/file.ts";
import { defaultNetwork } from "../../network/name.ts";
import { addressesOf, type Endpoint } from "../../network/spec.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { HostOwner } from "../../plan/step.ts";
import type { ContainerDirectory } from "./directory.ts";
import type { JoinTargets } from "./join.ts";
import { linkHosts, type ResolvedLink } from "./link.ts";
import { hasNames } from "./name-service.ts";
import { resolvConfOf } from "./resolv-conf.ts";

/** What a start finds out: other containers. */
export interface KnownNames {
  readonly links: readonly ResolvedLink[];
}

/** A file of the host that is bound over one of the image. */
export interface GeneratedFile {
  readonly source: string;
  readonly target: string;
  readonly text: string;
}

/** hostname, hosts and resolv.conf: the container's own, or those of whom it shares the network with. */
export function generatedFiles(
  record: ContainerRecord,
  directory: ContainerDirectory,
  endpoints: readonly Endpoint[] | undefined,
  joins: JoinTargets,
  names: KnownNames = { links: [] },
): GeneratedFile[] {
  const { spec } = record;
  const shared = joins.networkFiles;
  const file = (name: string, text: string): GeneratedFile => ({ source: `${directory.path}/${name}`, target: `/etc/${name}`, text });
  if (shared) return ["hosts", "hostname", "resolv.conf"].map((name) => file(name, readOptional(`${shared}/${name}`)));
  const host = spec.network.mode === "host";
  const gateway = (endpoints ?? []).flatMap(({ ipv4, ipv6 }) => ipv4?.gateway ?? ipv6?.gateway ?? [])[0];
  const addresses = (endpoints ?? []).flatMap(addressesOf);
  return [
    file("hostname", `${spec.hostname}\n`),
    file(
      "hosts",
      host
        ? readOptional("/etc/hosts") +
            extraHosts(record, gateway)
              .map(([name, ip]) => `${ip}\t${name}\n`)
              .join("")
        : renderHosts({
            hostname: fullName(spec),
            addresses,
            extra: [...linkHosts(names.links), ...extraHosts(record, gateway), ...hostLines(record, endpoints)],
          }),
    ),
    file("resolv.conf", resolvConfOf(spec, hasNames((endpoints ?? []).map(({ network }) => network)))),
  ];
}

/** The host name with the domain. */
export const fullName = ({ hostname, domainname }: ContainerSpec): string => [hostname, ...(domainname ? [domainname] : [])].join(".");

/** The host by its names on the default network, where no name server tells them. */
export function hostLines({ spec }: ContainerRecord, endpoints: readonly Endpoint[] = []): (readonly [string, string])[] {
  const place = endpoints.find(({ network }) => network === defaultNetwork);
  const free = hostNames.filter((name) => !spec.extraHosts?.some(([own]) => own === name)).join(" ");
  if (free === "") return [];
  return [place?.ipv4?.gateway, place?.ipv6?.gateway].flatMap((gateway) => (gateway === undefined ? [] : [[free, gateway] as const]));
}

/** --add-host, with the address behind `host-gateway`. Throws unsupported where the host has none. */
function extraHosts({ spec }: ContainerRecord, gateway: string | undefined): (readonly [string, string])[] {
  return (spec.extraHosts ?? []).map(([name, address]) => {
    if (address !== "host-gateway") return [name, address] as const;
    const host = spec.network.mode === "host" ? "127.0.0.1" : gateway;
    if (host !== undefined) return [name, host] as const;
    throw new TsnsError("unsupported", "no-host-gateway", "unable to derive the IP value for host-gateway", {
      hint: "give the address itself, or another network",
      exitCode: 125,
    });
  });
}

const readOptional = (path: string): string => tryReadText(path) ?? "";

/** `owner`: who is root inside. */
export const writeFiles = (files: readonly GeneratedFile[], owner: HostOwner | undefined): PlannedStep[] =>
  files.map((file) => ({
    step: {
      kind: "file.write",
      path: file.source,
      text: file.text,
      mode: 0o644,
      ...(owner ? { owner: { uid: owner.uid, gid: owner.gid } } : {}),
    },
    because: `the container's ${file.target}`,
  }));
