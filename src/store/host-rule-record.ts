// Rows of what `net nat` and `net forward` made: numbered per data root, both kinds together. Ports they hold are leases.
import type { OwnRule } from "../network/rule/own.ts";
import type { Database, Row } from "./database.ts";

export interface HostRuleRecord {
  readonly number: number;
  readonly createdMs: number;
  /** False while a command makes or removes it, and from then on when that was killed. */
  readonly applied: boolean;
  readonly rule: OwnRule;
  /** route_localnet of the target's link before the forward changed it; absent when it did not. */
  readonly previousLocalnet?: string;
}

interface Stored {
  readonly rule: OwnRule;
  readonly previousLocalnet?: string;
}

function fromRow(row: Row): HostRuleRecord {
  const stored = JSON.parse(String(row.rule)) as Stored;
  return { number: Number(row.number), createdMs: Number(row.created_ms), applied: Number(row.applied) === 1, ...stored };
}

export function listHostRules(store: Database): HostRuleRecord[] {
  return store.all("SELECT * FROM host_rule ORDER BY number").map(fromRow);
}

/** The number the next one gets: one above the highest there is. */
export function nextHostRuleNumber(store: Database): number {
  return Number(store.get("SELECT coalesce(max(number), 0) + 1 AS number FROM host_rule")?.number ?? 1);
}

export function putHostRule(store: Database, record: HostRuleRecord): void {
  const { number, createdMs, applied, rule, previousLocalnet } = record;
  const stored: Stored = { rule, ...(previousLocalnet === undefined ? {} : { previousLocalnet }) };
  store.run(
    "INSERT OR REPLACE INTO host_rule (number, created_ms, applied, rule) VALUES (?, ?, ?, ?)",
    number,
    createdMs,
    applied ? 1 : 0,
    JSON.stringify(stored),
  );
}

export function deleteHostRule(store: Database, number: number): void {
  store.run("DELETE FROM host_rule WHERE number = ?", number);
}
