// Rules as listings show them: whose each one is, and what it does in words. Values only.
import type { IpFamily, TableName } from "../../plan/rule.ts";
import type { RuleMatch } from "./match.ts";

/** Who made a rule, as far as its chain, comment, links or addresses tell. */
export interface RuleOwner {
  /** tsns, docker, podman, libvirt, ufw, firewalld, kube-proxy ...; "-" when nothing tells. */
  readonly program: string;
  /** What of the program's it serves. */
  readonly kind?: "container" | "network" | "forward" | "nat";
  readonly name?: string;
  /** Container id where there is one. */
  readonly id?: string;
}

export const nobody: RuleOwner = { program: "-" };

/** "container web", "network bridge", "docker", "docker container db", "-". */
export function renderRuleOwner({ program, kind, name }: RuleOwner): string {
  if (name === undefined || kind === undefined) return program;
  return program === "tsns" ? `${kind} ${name}` : `${program} ${kind} ${name}`;
}

/** One chain (`number` 0) or one rule of it. */
export interface RuleView {
  readonly family: IpFamily;
  readonly backend: "nft" | "legacy";
  readonly table: TableName;
  readonly chain: string;
  /** From 1, as iptables -L --line-numbers counts; 0 for the chain itself. */
  readonly number: number;
  /** Decimal numbers of up to 64 bits. */
  readonly packets: string;
  readonly bytes: string;
  readonly owner: RuleOwner;
  /** In words. */
  readonly does: string;
  /** As iptables-save writes it. */
  readonly rule: string;
  /** Parsed when it is asked; not of a chain. */
  readonly match?: RuleMatch;
  /** The chain is only reached by packets for addresses of this host. */
  readonly local: boolean;
}
