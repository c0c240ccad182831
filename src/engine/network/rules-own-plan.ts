// The steps that make a rule of `net nat` or `net forward` and take it away, with the settings of the kernel it needs: as far as they are
// not yet, as far as nobody else of this data root needs them. Carries nothing out.
import { readSysctl } from "../../kernel/network/sysctl.ts";
import { forwardingSteps } from "../../network/forwarding.ts";
import { additionOf, isOnLoopback, type NumberedRule, needsGuard, type OwnRule, ownChains, removalOf } from "../../network/rule/own.ts";
import { flushSpans } from "../../network/rule-plan.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import type { HostRuleRecord } from "../../store/host-rule-record.ts";
import { readForwarding } from "./forwarding.ts";

/** The link whose route_localnet the rule needs; undefined for those that need none. */
export function localnetLink(rule: OwnRule): string | undefined {
  if (rule.kind !== "forward" || !isOnLoopback(rule.spec) || !needsGuard(rule.place.link)) return undefined;
  return rule.place.link;
}

export const localnetKey = (link: string): string => `net.ipv4.conf.${link}.route_localnet`;
const forwardingKey = (rule: OwnRule): string => (rule.spec.family === "ipv4" ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding");

/** Settings of the kernel that a rule needs, with their keys. */
export function settingsOf(rule: OwnRule): readonly string[] {
  const link = localnetLink(rule);
  return [...(isRouted(rule) ? [forwardingKey(rule)] : []), ...(link === undefined ? [] : [localnetKey(link)])];
}

const isRouted = (rule: OwnRule): boolean => rule.kind === "nat" || rule.place.link !== undefined;

const isLast = (records: readonly HostRuleRecord[], record: NumberedRule): boolean =>
  !records.some(({ number, rule }) => number !== record.number && rule.spec.family === record.rule.spec.family);

const flushOf = (rule: OwnRule): readonly PlannedStep[] =>
  rule.kind === "forward" ? flushSpans(rule.spec.protocol, [rule.spec.hostPorts], []) : [];

/** What makes it so, as far as it is not yet. `records`: all of the data root. */
export function planAddition(root: string, record: HostRuleRecord, records: readonly HostRuleRecord[]): Plan {
  const chains = ownChains(root);
  const link = localnetLink(record.rule);
  const { family } = record.rule.spec;
  const families = { ipv4: family === "ipv4", ipv6: family === "ipv6" };
  const openLoopback = (key: string, because: string): PlannedStep[] =>
    readSysctl(key) === "1"
      ? []
      : [{ step: { kind: "sysctl.write", key, value: "1" }, because, undo: { kind: "sysctl.write", key, value: "0" } }];
  return {
    steps: [
      ...(isRouted(record.rule) ? forwardingSteps(families, readForwarding(families), "on") : []),
      {
        step: { kind: "rule.apply", transaction: additionOf(record, chains) },
        because: `${record.rule.kind} ${record.number}: its rules in chains of their own, which built-in ones lead to`,
        undo: { kind: "rule.apply", transaction: removalOf(record, chains, isLast(records, record)) },
      },
      ...flushOf(record.rule).map((planned) => ({ ...planned, undo: planned.step })),
      ...(link === undefined
        ? []
        : openLoopback(localnetKey(link), `127.0.0.1 of this host may leave by ${link}; the guard rules close the way back`)),
    ],
  };
}

/** What takes it away again, with the setting of its link. */
export function planRemoval(root: string, record: HostRuleRecord, records: readonly HostRuleRecord[]): Plan {
  const link = localnetLink(record.rule);
  const shared = records.some(({ number, rule }) => number !== record.number && localnetLink(rule) === link);
  const restore = link !== undefined && record.previousLocalnet === "0" && !shared && readSysctl(localnetKey(link)) === "1";
  return {
    steps: [
      ...(restore
        ? [
            {
              step: { kind: "sysctl.write", key: localnetKey(link), value: "0" },
              because: `nothing on 127.0.0.1 leads to ${link} any more`,
            } as const,
          ]
        : []),
      {
        step: { kind: "rule.apply", transaction: removalOf(record, ownChains(root), isLast(records, record)) },
        because: `${record.rule.kind} ${record.number} is removed`,
      },
      ...flushOf(record.rule),
    ],
  };
}

/** The records without one; another with the same link brings the link's setting back in its place. */
export function withoutRule(records: readonly HostRuleRecord[], gone: HostRuleRecord): readonly HostRuleRecord[] {
  const left = records.filter(({ number }) => number !== gone.number);
  const link = localnetLink(gone.rule);
  const heir = link !== undefined && gone.previousLocalnet === "0" ? left.find(({ rule }) => localnetLink(rule) === link) : undefined;
  return heir ? left.map((record) => (record === heir ? { ...record, previousLocalnet: "0" } : record)) : left;
}
