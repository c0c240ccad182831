// iptables rules as values: what the wrapper in src/kernel/iptables applies and parses.
// Knows no syntax of iptables-restore; that is the wrapper's.

export type IpFamily = "ipv4" | "ipv6";
export type TableName = "filter" | "nat" | "mangle" | "raw" | "security";

/** One rule: the chain it is in and its arguments as iptables(8) takes them, e.g. ["-s", "10.1.0.0/24", "-j", "MASQUERADE"]. */
export interface Rule {
  readonly table: TableName;
  readonly chain: string;
  readonly args: readonly string[];
}

/** One change of a transaction. Chains are tsns's own or, for `rule.*`, also a built-in chain that jumps to one. */
export type RuleChange =
  | { readonly change: "chain.create"; readonly table: TableName; readonly chain: string } // empties it if it exists
  | { readonly change: "chain.ensure"; readonly table: TableName; readonly chain: string } // made unless it exists; keeps its rules
  | { readonly change: "chain.remove"; readonly table: TableName; readonly chain: string } // emptied first
  | ChainRelease
  | { readonly change: "rule.append"; readonly rule: Rule }
  | { readonly change: "rule.insert"; readonly rule: Rule }
  | { readonly change: "rule.remove"; readonly rule: Rule };

/** Chains that several share: taken away, with the `jumps` that lead to them, once no chain of `sets` holds a rule and nobody else leads to them. */
export interface ChainRelease {
  readonly change: "chain.release";
  readonly table: TableName;
  readonly chains: readonly string[];
  readonly sets: readonly string[];
  readonly jumps: readonly Rule[];
}

/** All changes are applied together or not at all (per table: iptables-restore(8) commits table by table). */
export interface RuleTransaction {
  readonly family: IpFamily;
  readonly changes: readonly RuleChange[];
}
