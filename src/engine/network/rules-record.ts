// The records of `net nat` and `net forward` for commands that only look: no store is made, and one that is not ours to read has none.
import { type HostRuleRecord, listHostRules } from "../../store/host-rule-record.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";

export function readOwnRecords(engine: Engine): readonly HostRuleRecord[] {
  return listStored(engine, listHostRules);
}
