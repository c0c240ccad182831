// Reads what `tsns net check` judges, other than links and rules: settings below /proc/sys, firewalls, name servers. What is not there or may
// not be read is left out.
import type { FirewallFact, PublishedPort, RuleFact } from "../../network/check.ts";
import { parseRuleMatch } from "../../network/rule/match.ts";
import type { BackendRules } from "../iptables/all.ts";
import { listPids } from "../proc/namespace.ts";
import { readTextIfThere } from "../text-file.ts";
import { readSysctl } from "./sysctl.ts";

const read = (path: string): string | undefined =>
  readTextIfThere(path, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EISDIR", "EINVAL", "ESRCH");

const keys = [
  "net.ipv4.ip_forward",
  "net.ipv6.conf.all.forwarding",
  "net.ipv4.conf.all.rp_filter",
  "net.bridge.bridge-nf-call-iptables",
  "net.bridge.bridge-nf-call-ip6tables",
  "net.netfilter.nf_conntrack_count",
  "net.netfilter.nf_conntrack_max",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
] as const;

/** The settings of the checks, those of each link among them. */
export function readCheckSysctls(links: readonly string[]): ReadonlyMap<string, string> {
  const each = (link: string) => [`ipv4.conf.${link}.rp_filter`, `ipv6.conf.${link}.accept_ra`, `ipv6.conf.${link}.forwarding`];
  const all = [...keys, ...links.flatMap(each).map((key) => `net.${key}`)];
  return new Map(
    all.flatMap((key): [string, string][] => {
      const value = readSysctl(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** `nameserver` lines, resolv.conf(5); a zone (`%eth0`) is part of the address. */
export function parseNameservers(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => /^nameserver[ \t]+(\S+)/.exec(line)?.[1] ?? []);
}

export function readNameservers(): readonly string[] {
  return parseNameservers(read("/etc/resolv.conf") ?? "");
}

/** ENABLED=yes in /etc/ufw/ufw.conf, ufw(8). */
export function parseUfwEnabled(text: string): boolean {
  return /^[ \t]*ENABLED=["']?yes["']?[ \t]*$/im.test(text);
}

/** ufw by its configuration, firewalld by its process. */
export function readFirewalls(): readonly FirewallFact[] {
  const ufw = read("/etc/ufw/ufw.conf");
  const active = ufw !== undefined && parseUfwEnabled(ufw);
  const word = ufw === undefined ? "/etc/ufw/ufw.conf is not there" : `/etc/ufw/ufw.conf says ENABLED=${active ? "yes" : "no"}`;
  const pid = listPids().find((candidate) => read(`/proc/${candidate}/comm`)?.trim() === "firewalld");
  return [
    { name: "ufw", active, evidence: word },
    {
      name: "firewalld",
      active: pid !== undefined,
      evidence: pid === undefined ? "no process is called firewalld" : `process ${pid} is firewalld`,
    },
  ];
}

/** What the checks need of the rule sets. */
export function ruleFactsOf(sets: readonly BackendRules[]): readonly RuleFact[] {
  return sets.map(({ family, backend, set }) => {
    const filter = set.tables.find(({ table }) => table === "filter");
    const policy = filter?.chains.find(({ name }) => name === "FORWARD")?.policy;
    return {
      family,
      backend,
      rules: set.tables.reduce((sum, { rules }) => sum + rules.length, 0),
      ...(policy === undefined ? {} : { forwardPolicy: policy }),
      chains: (filter?.chains ?? []).map(({ name }) => name),
    };
  });
}

/** Ports of this host that rules send elsewhere, whoever wrote them; each once. */
export function publishedPortsOf(sets: readonly BackendRules[]): readonly PublishedPort[] {
  const found = new Map<string, PublishedPort>();
  for (const { set } of sets) {
    for (const { rule } of set.tables.find(({ table }) => table === "nat")?.rules ?? []) {
      const { conditions, target } = parseRuleMatch(rule);
      if (target.kind !== "dnat") continue;
      const protocol = conditions.flatMap((each) => (each.kind === "protocol" && !each.not ? [each.protocol] : []))[0];
      const ports = conditions.flatMap((each) => (each.kind === "ports" && each.side === "destination" && !each.not ? each.ranges : []));
      for (const [first, last] of protocol === undefined ? [] : ports)
        found.set(`${protocol} ${first} ${last}`, { protocol: protocol ?? "", first, last });
    }
  }
  return [...found.values()];
}
