// What tsns made on this host and the kernel no longer has; puts it back; waits for the next change. The store says what should be.
import { statSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { normalRule, readRules } from "../../kernel/iptables/index.ts";
import { nftablesSource, watchEvents } from "../../kernel/netlink/event.ts";
import { addressDump, linkDump, parseLinkAddresses, parseLinks } from "../../kernel/netlink/list.ts";
import { exchangeAll, netlinkFamily } from "../../kernel/netlink/relay.ts";
import { routeGroup } from "../../kernel/netlink/watch.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { hasFirewalld, readTrusted } from "../../kernel/network/firewalld.ts";
import { readSysctl } from "../../kernel/network/sysctl.ts";
import { readBootId } from "../../kernel/proc/host.ts";
import {
  type Drift,
  type Finding,
  findNetworkDrift,
  findRuleDrift,
  type Member,
  type Observed,
  type ObservedLink,
} from "../../network/rule/drift.ts";
import { ownChains } from "../../network/rule/own.ts";
import type { Plan } from "../../plan/plan.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listHostRules } from "../../store/host-rule-record.ts";
import { listNetworks } from "../../store/network-record.ts";
import { containerDirectory } from "../container/directory.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { networkOwner } from "./make.ts";
import { hostRuleLock, planUnfinished, removeUnfinished } from "./rules-own.ts";
import { settingsOf } from "./rules-own-plan.ts";

export type { Drift } from "../../network/rule/drift.ts";

/** Running containers by the network they are on. */
function membersByNetwork(engine: Engine): ReadonlyMap<string, readonly Member[]> {
  const members = new Map<string, Member[]>();
  for (const record of listContainerRecords(engine.store)) {
    const { status } = observeContainer(engine, record);
    for (const endpoint of status === "running" ? (record.run?.endpoints ?? []) : []) {
      const list = members.get(endpoint.network) ?? [];
      list.push({ id: record.id, name: record.name, endpoint, directory: containerDirectory(engine.root, record.id).path });
      members.set(endpoint.network, list);
    }
  }
  return members;
}

function readObservedLinks(): ReadonlyMap<string, ObservedLink> {
  const [linkReplies, addressReplies] = exchangeAll([linkDump({ withoutCounters: true }), addressDump()]);
  const links = parseLinks(linkReplies);
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const addresses = new Map<number, string[]>();
  for (const { linkIndex, address, prefixLength } of parseLinkAddresses(addressReplies)) {
    addresses.set(linkIndex, [...(addresses.get(linkIndex) ?? []), `${address}/${prefixLength}`]);
  }
  return new Map(
    links.map(({ name, index, up, master }) => {
      const bridge = master === undefined ? undefined : names.get(master);
      return [name, { up, addresses: addresses.get(index) ?? [], ...(bridge === undefined ? {} : { master: bridge }) }];
    }),
  );
}

/** Each part of the kernel is read when it is first asked for. */
function observe(): Observed {
  const rules = new Map<IpFamily, ReadonlySet<string>>();
  let links: ReadonlyMap<string, ObservedLink> | undefined;
  let trusted: ReadonlySet<string> | "all" | undefined;
  return {
    has(family, rule) {
      let known = rules.get(family);
      if (!known) {
        known = new Set(readRules(family).tables.flatMap((table) => table.rules.map((counted) => normalRule(counted.rule))));
        rules.set(family, known);
      }
      return known.has(normalRule(rule));
    },
    link(name) {
      links ??= readObservedLinks();
      return links.get(name);
    },
    setting: readSysctl,
    isTrusted(link) {
      trusted ??= hasFirewalld() ? readTrusted() : "all";
      return trusted === "all" || trusted.has(link);
    },
  };
}

/** True as well when that may not be seen: opening the store then says so. */
function hasStore(root: string): boolean {
  try {
    return statSync(`${root}/store.db`, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isErrno(error, "EACCES")) return true;
    throw error;
  }
}

/** Networks are made anew at their first use after a boot; until then nothing of them is expected. */
function findAll(engine: Engine): readonly Finding[] {
  // No store is made for a look.
  if (!hasStore(engine.root)) return [];
  const observed = observe();
  const boot = readBootId();
  const members = membersByNetwork(engine);
  const chains = ownChains(engine.root);
  return [
    ...listNetworks(engine.store)
      .filter(({ appliedBoot, pending }) => appliedBoot === boot && !pending)
      .map(({ spec }) => findNetworkDrift(spec, members.get(spec.name) ?? [], observed)),
    ...listHostRules(engine.store)
      .filter(({ applied }) => applied)
      .map((record) => findRuleDrift(record, chains, settingsOf(record.rule), observed)),
    ...planUnfinished(engine).map(({ record: { rule, number }, plan }): Finding => {
      const what = "the command that made or removed it was killed before its end: the rest of it goes";
      return { drifts: [{ object: `${rule.kind} ${number}`, kind: "record", what, hint: "" }], repair: plan.steps };
    }),
  ];
}

const planOf = (findings: readonly Finding[]): Plan => ({ steps: findings.flatMap(({ repair }) => repair) });
const driftsOf = (findings: readonly Finding[]): readonly Drift[] => findings.flatMap(({ drifts }) => drifts);

/** Everything that is not as tsns made it. */
export function findDrift(engine: Engine): readonly Drift[] {
  return driftsOf(findAll(engine));
}

export interface RepairReport {
  /** What was found first. */
  readonly found: readonly Drift[];
  /** What is still there; all of `found` for a dry run. */
  readonly left: readonly Drift[];
}

/** A container that starts or stops meanwhile may be overtaken: looked at again so often. */
const rounds = 3;

/** Puts back what can be put back; a step that fails does not take back the others, as each of them brings the host nearer. */
export async function repairDrift(engine: Engine): Promise<RepairReport> {
  const first = findAll(engine);
  const found = driftsOf(first);
  const plan = planOf(first);
  if (engine.show(plan)) return { found, left: found };
  if (plan.steps.length === 0 && found.length === 0) return { found, left: found };
  const owners = [hostRuleLock, ...listNetworks(engine.store).map(({ spec }) => networkOwner(spec.name))];
  const left = await withLocks(engine, owners, async () => {
    await removeUnfinished(engine);
    for (let round = 0; round < rounds; round++) {
      const findings = findAll(engine);
      const next = planOf(findings);
      if (next.steps.length === 0) return driftsOf(findings);
      // Chains are shared with the networks of other data roots.
      await withNetworkClaim(() => engine.apply(next));
    }
    return findDrift(engine);
  });
  return { found, left };
}

async function withLocks<T>(engine: Engine, owners: readonly string[], body: () => Promise<T>): Promise<T> {
  const [owner, ...rest] = owners;
  if (owner === undefined) return body();
  return withLock(engine, owner, "net drift", () => withLocks(engine, rest, body));
}

/** How often to look where the kernel announces nothing: settings, and rules of the legacy backend. */
const defaultIntervalSeconds = 5;

/** The interval of `--interval`. Throws invalid `bad-interval`. */
export function checkInterval(seconds: string | undefined): number {
  const value = seconds === undefined ? defaultIntervalSeconds : /^\d+(\.\d+)?$/.test(seconds) ? Number(seconds) : Number.NaN;
  if (value >= 0.1 && value <= 86_400) return value;
  throw new TsnsError("invalid", "bad-interval", `--interval ${seconds}: not from 0.1 to 86400 seconds`, { exitCode: 2 });
}

/**
 * Yields at the beginning and whenever something may have changed: links and addresses (rtnetlink), rules of the nft backend
 * (NFNLGRP_NFTABLES) at once, everything else at the interval. Ends with the signal.
 */
export function watchDrift(signal: AbortSignal, intervalSeconds: number): AsyncGenerator<void> {
  const route = { family: netlinkFamily.route, groups: [routeGroup.link, routeGroup.ipv4Address, routeGroup.ipv6Address] };
  return watchEvents([route, nftablesSource], { signal, tickMs: intervalSeconds * 1000 });
}
