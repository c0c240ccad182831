// Host ports that rules of tsns lead somewhere, from the text of `iptables-save -t nat`: those of other data roots have no lease here. Pure.
import type { IpFamily } from "../../plan/rule.ts";
import { portsConflict } from "../port.ts";
import type { PortSpec, Protocol } from "../spec.ts";
import { commentPrefix } from "./shared.ts";

/** A range of ports that a rule takes. */
export interface PublishedRule {
  readonly chain: string;
  /** What the comment says: the short id of a container, or a network. */
  readonly owner: string;
  readonly protocol: string;
  readonly hostIp: string;
  readonly first: number;
  readonly last: number;
}

const line = /^-A (TSNS-\S+) (.*-j DNAT .*)$/gm;

/** Only rules in chains of tsns, as tsns writes them. */
export function parsePublished(text: string, family: IpFamily): readonly PublishedRule[] {
  return [...text.matchAll(line)].flatMap(([, chain = "", words = ""]): PublishedRule[] => {
    const word = (option: string) => new RegExp(`(?:^|[^!] )${option} "?([^\\s"]+)`).exec(words)?.[1];
    const [protocol, ports, owner = ""] = [word("-p"), word("--dport"), word("--comment")];
    if (protocol === undefined || ports === undefined || !owner.startsWith(commentPrefix)) return [];
    const [first = "", last = first] = ports.split(":");
    const hostIp = word("-d")?.replace(/\/(32|128)$/, "") ?? (family === "ipv4" ? "0.0.0.0" : "::");
    return [{ chain, owner: owner.slice(commentPrefix.length), protocol, hostIp, first: Number(first), last: Number(last) }];
  });
}

/** The first rule that takes this port on an address of it. */
export function findPublished(rules: readonly PublishedRule[], port: PortSpec): PublishedRule | undefined {
  return rules.find(({ protocol, hostIp, first, last }) => {
    if (port.protocol !== protocol || port.hostPort < first || port.hostPort > last) return false;
    return portsConflict({ ...port, protocol: protocol as Protocol, hostIp }, port);
  });
}
