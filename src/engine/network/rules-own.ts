// What `net nat` and `net forward` share: a numbered record in the store, its rules in own chains, in one transaction each; undone
// when it cannot be finished. Knows neither how a forward nor how a nat is designed.
import { TsnsError } from "../../base/error.ts";
import { requireIptables } from "../../kernel/iptables/index.ts";
import { readSysctl } from "../../kernel/network/sysctl.ts";
import { labelOf, type OwnRule } from "../../network/rule/own.ts";
import type { Plan } from "../../plan/plan.ts";
import { deleteHostRule, type HostRuleRecord, listHostRules, nextHostRuleNumber, putHostRule } from "../../store/host-rule-record.ts";
import { releaseLeases } from "../../store/lease.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { isLocked, withLock } from "../lock.ts";
import { performWhole } from "../undo.ts";
import { localnetKey, localnetLink, planAddition, planRemoval, withoutRule } from "./rules-own-plan.ts";

/** Held while rules of a data root's own chains come or go. */
export const hostRuleLock = "host-rules";

export interface Reservation {
  /** Says what is in the way; called inside the transaction that stores the record. */
  check(records: readonly HostRuleRecord[]): void;
  /** Takes what the record holds besides. */
  reserve?(label: string): void;
}

/** Stores and makes it. Returns its number; undefined for a dry run. */
export async function addHostRule(engine: Engine, rule: OwnRule, { check, reserve }: Reservation): Promise<number | undefined> {
  const design = (): { record: HostRuleRecord; records: readonly HostRuleRecord[] } => {
    const records = listHostRules(engine.store);
    check(records);
    const link = localnetLink(rule);
    const previous = link === undefined ? undefined : readSysctl(localnetKey(link));
    const number = nextHostRuleNumber(engine.store);
    const record = {
      number,
      createdMs: Date.now(),
      applied: false,
      rule,
      ...(previous === undefined ? {} : { previousLocalnet: previous }),
    };
    return { record, records };
  };
  const first = design();
  if (engine.show(planAddition(engine.root, first.record, first.records))) return undefined;
  requireIptables(rule.spec.family);
  return withLock(engine, hostRuleLock, `net ${rule.kind} add`, async () => {
    const { record, records } = engine.store.transaction(() => {
      const made = design();
      putHostRule(engine.store, made.record);
      reserve?.(labelOf(made.record));
      return made;
    });
    const plan = planAddition(engine.root, record, records);
    await performWhole(engine, plan, { undone: () => engine.store.transaction(() => forget(engine, record)) });
    engine.store.transaction(() => putHostRule(engine.store, { ...record, applied: true }));
    return record.number;
  });
}

/** Takes the record out of the store, with what it holds. */
function forget(engine: Engine, { number }: HostRuleRecord): void {
  const records = listHostRules(engine.store);
  const gone = records.find((record) => record.number === number);
  if (!gone) return;
  deleteHostRule(engine.store, number);
  releaseLeases(engine.store, labelOf(gone));
  for (const record of withoutRule(records, gone)) if (!records.includes(record)) putHostRule(engine.store, record);
}

type Choice = (records: readonly HostRuleRecord[]) => readonly HostRuleRecord[];

interface Removal {
  readonly record: HostRuleRecord;
  readonly plan: Plan;
}

/** One after the other: each as it is when those before it have gone. */
function planRemovals(engine: Engine, choose: Choice): readonly Removal[] {
  let left: readonly HostRuleRecord[] = listHostRules(engine.store);
  return choose(left).flatMap(({ number }) => {
    const record = left.find((candidate) => candidate.number === number);
    if (!record) return [];
    const plan = planRemoval(engine.root, record, left);
    left = withoutRule(left, record);
    return [{ record, plan }];
  });
}

/** Call with the lock held. */
async function performRemovals(engine: Engine, removals: readonly Removal[]): Promise<void> {
  for (const { record, plan } of removals) {
    // From here on it is half gone, also when this command is killed: `tsns doctor` removes the rest.
    engine.store.transaction(() => putHostRule(engine.store, { ...record, applied: false }));
    try {
      await engine.apply(plan);
    } catch (error) {
      engine.store.transaction(() => putHostRule(engine.store, record));
      throw error;
    }
    freeingTransaction(engine.store, engine.root, () => forget(engine, record));
  }
}

/** Removes those that `choose` names. Returns their numbers; none for a dry run. */
export async function removeHostRules(engine: Engine, choose: Choice): Promise<readonly number[]> {
  const first = planRemovals(engine, choose);
  if (engine.show({ steps: first.flatMap(({ plan }) => plan.steps) })) return [];
  for (const family of new Set(first.map(({ record }) => record.rule.spec.family))) requireIptables(family);
  return withLock(engine, hostRuleLock, "net del", async () => {
    const work = planRemovals(engine, choose);
    await performRemovals(engine, work);
    return work.map(({ record }) => record.number);
  });
}

const unfinished: Choice = (records) => records.filter(({ applied }) => !applied);

/** What takes away those whose command was killed while it made or removed them: none while a living command works on them. */
export function planUnfinished(engine: Engine): readonly Removal[] {
  return isLocked(engine, hostRuleLock) ? [] : planRemovals(engine, unfinished);
}

/** Does what `planUnfinished` plans; call with the lock held. */
export async function removeUnfinished(engine: Engine): Promise<void> {
  await performRemovals(engine, planRemovals(engine, unfinished));
}

/** The records that words on a command line stand for: numbers, or a specification that `matches` recognises. Throws not-found. */
export function chooseHostRules(
  records: readonly HostRuleRecord[],
  kind: OwnRule["kind"],
  references: readonly string[],
  matches: (rule: OwnRule, reference: string) => boolean,
): readonly HostRuleRecord[] {
  const own = records.filter(({ rule }) => rule.kind === kind);
  const chosen = references.flatMap((reference) => {
    const isNumber = /^\d+$/.test(reference);
    const found = own.filter((record) => (isNumber ? `${record.number}` === reference : matches(record.rule, reference)));
    if (found.length > 0) return found;
    throw new TsnsError("not-found", `no-such-${kind}`, `there is no ${kind} ${reference} of tsns`, {
      hint: `tsns net ${kind} ls lists them; what others made is theirs to remove`,
    });
  });
  return [...new Set(chosen)];
}

/** Removes all of them, for `system reset`. */
export async function removeAllHostRules(engine: Engine): Promise<void> {
  if (listHostRules(engine.store).length > 0) await removeHostRules(engine, (records) => records);
}
