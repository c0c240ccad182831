// What `tsns net check` looks at and what it says of it. Values, and the list of all checks; pure.
import { checkLinks } from "./check-link.ts";
import { checkRules } from "./check-rule.ts";
import { checkSettings } from "./check-setting.ts";
import type { AddressState, LinkDetail } from "./link-detail.ts";
import type { RouteState } from "./route-state.ts";

export type CheckStatus = "ok" | "warn" | "fail";

/** One thing that was looked at. */
export interface CheckResult {
  /** Stable: "ip-forward", "subnet-overlap" ... */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was read, and from where. */
  readonly found: string;
  /** Why it matters, one clause. */
  readonly why: string;
  /** Command that repairs it; shown, never run. Empty when there is nothing to repair, or no one command does. */
  readonly fix: string;
}

/** The far end of a veth pair whose near end is a port of a bridge. */
export interface PeerFact {
  readonly bridge: string;
  readonly owner: string;
  readonly link: string;
  readonly mac: string;
  readonly mtu: number;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

/** What one backend of iptables holds for one family. */
export interface RuleFact {
  readonly family: "ipv4" | "ipv6";
  readonly backend: "nft" | "legacy";
  readonly rules: number;
  /** Of FORWARD in the filter table; absent where there is no such chain. */
  readonly forwardPolicy?: string;
  /** All chains of the filter table. */
  readonly chains: readonly string[];
}

export interface PublishedPort {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

export interface FirewallFact {
  readonly name: "ufw" | "firewalld";
  readonly active: boolean;
  /** What shows it, and where. */
  readonly evidence: string;
}

export interface NetworkFact {
  readonly name: string;
  readonly bridge: string;
  readonly subnet: string;
}

export interface CheckFacts {
  /** Values below /proc/sys by their dotted key; those that are not there or not to be read are missing. */
  readonly sysctls: ReadonlyMap<string, string>;
  readonly links: readonly LinkDetail[];
  readonly addresses: readonly AddressState[];
  readonly routes: readonly RouteState[];
  readonly peers: readonly PeerFact[];
  /** Undefined when they cannot be read; then `rulesFault` says why. */
  readonly rules: readonly RuleFact[] | undefined;
  readonly rulesFault: string;
  readonly published: readonly PublishedPort[];
  readonly firewalls: readonly FirewallFact[];
  readonly nameservers: readonly string[];
  /** Networks of this data root, whether they are in the kernel or not. */
  readonly networks: readonly NetworkFact[];
}

/** Every check, in the order they are told. */
export function checkNetworking(facts: CheckFacts): readonly CheckResult[] {
  return [...checkSettings(facts), ...checkRules(facts), ...checkLinks(facts)];
}

/** The worst of them. */
export function worstOf(results: readonly CheckResult[]): CheckStatus {
  if (results.some(({ status }) => status === "fail")) return "fail";
  return results.some(({ status }) => status === "warn") ? "warn" : "ok";
}
