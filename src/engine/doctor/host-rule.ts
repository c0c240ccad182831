// Forwards and nats (`net forward`, `net nat`) that a killed command was making or removing.
import { listHostRules } from "../../store/host-rule-record.ts";
import { hostRuleLock, removeHostRules } from "../network/rules-own.ts";
import { planRemoval } from "../network/rules-own-plan.ts";
import type { Finder } from "./finding.ts";

export const findHostRules: Finder = ({ engine, hasStore, isBusy }) => {
  if (!hasStore || isBusy(hostRuleLock)) return [];
  const records = listHostRules(engine.store);
  return records
    .filter(({ applied }) => !applied)
    .map((record) => ({
      kind: record.rule.kind,
      object: `${record.number}`,
      proof: "the command that made or removed it was killed before its end",
      bytes: 0,
      owner: "tsns",
      repair: planRemoval(engine.root, record, records).steps.map(({ step }) => step),
      fix: async () => void (await removeHostRules(engine, (all) => all.filter(({ number }) => number === record.number))),
    }));
};
