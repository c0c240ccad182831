// The records of `net nat` and `net forward` for commands that only look: no store is made, and one that is not ours to read has none.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { type HostRuleRecord, listHostRules } from "../../store/host-rule-record.ts";
import type { Engine } from "../engine.ts";

export function readOwnRecords(engine: Engine): readonly HostRuleRecord[] {
  if (!existsSync(`${engine.root}/store.db`)) return [];
  try {
    return listHostRules(engine.store);
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "denied") return [];
    throw error;
  }
}
