// Source translation for subnets of this host: made, removed, and listed together with everybody else's.
import { TsnsError } from "../../base/error.ts";
import { hasExactLink, isOwnAddress } from "../../kernel/network/place.ts";
import { renderBlock, renderIp } from "../../network/rule/address.ts";
import type { RuleMatch } from "../../network/rule/match.ts";
import { type NatSpec, natsConflict, parseNat, renderNat } from "../../network/rule/nat-spec.ts";
import { ownChains } from "../../network/rule/own.ts";
import type { RuleOwner } from "../../network/rule/view.ts";
import { clausesOf } from "../../network/rule/words.ts";
import type { HostRuleRecord } from "../../store/host-rule-record.ts";
import type { Engine } from "../engine.ts";
import { listRules } from "./rules.ts";
import { addHostRule, chooseHostRules, removeHostRules } from "./rules-own.ts";
import { readOwnRecords } from "./rules-record.ts";

export interface NatOptions {
  readonly out?: string | undefined;
  readonly to?: string | undefined;
}

/** Returns its number. Throws invalid `bad-nat`, not-found `no-such-link`, conflict `nat-exists`. */
export async function addNat(engine: Engine, subnet: string, options: NatOptions): Promise<number | undefined> {
  const spec = parseNat(subnet, options);
  if (spec.out !== undefined && !hasExactLink(spec.out)) {
    throw new TsnsError("not-found", "no-such-link", `there is no link ${spec.out} on this host`, { hint: "tsns net link ls lists them" });
  }
  if (spec.to !== undefined && !isOwnAddress(spec.to)) {
    engine.warn(`${spec.to} is no address of this host: answers find their way back only if the network routes it here`);
  }
  return addHostRule(engine, { kind: "nat", spec }, { check: (records) => refuseSame(records, spec) });
}

function refuseSame(records: readonly HostRuleRecord[], spec: NatSpec): void {
  const same = records.find(({ rule }) => rule.kind === "nat" && natsConflict(rule.spec, spec));
  if (!same) return;
  throw new TsnsError("conflict", "nat-exists", `nat ${same.number} translates ${renderNat(spec)} already`, {
    hint: `remove it first with tsns net nat del ${same.number}`,
  });
}

/** By number or subnet. Throws not-found `no-such-nat`. */
export async function removeNats(engine: Engine, references: readonly string[]): Promise<readonly number[]> {
  return removeHostRules(engine, (records) =>
    chooseHostRules(records, "nat", references, (rule, reference) => rule.kind === "nat" && rule.spec.subnet === subnetOf(reference)),
  );
}

const subnetOf = (reference: string): string => (reference.includes("/") ? parseNat(reference).subnet : reference);

/** One rule that translates sources, whoever made it; or a record without a rule. */
export interface NatView {
  /** Of `net nat`; undefined for what others made. */
  readonly number?: number;
  readonly family: "ipv4" | "ipv6";
  readonly backend?: "nft" | "legacy";
  readonly owner: RuleOwner;
  readonly source: string;
  /** Link, or "any". */
  readonly out: string;
  /** The new source; "masquerade" for the address of the link they leave by. */
  readonly to: string;
  /** Conditions besides source and link, in words. */
  readonly when: string;
  readonly packets: bigint;
  readonly bytes: bigint;
  /** "active", or "missing": the kernel has no such rule. */
  readonly state: "active" | "missing";
}

function sourceOf({ conditions }: RuleMatch): string {
  const parts = conditions.flatMap((condition) =>
    condition.kind === "address" && condition.side === "source" ? [`${condition.not ? "!" : ""}${renderBlock(condition.block)}`] : [],
  );
  return parts.join(",") || "any";
}

function outOf({ conditions }: RuleMatch): string {
  const parts = conditions.flatMap((condition) =>
    condition.kind === "interface" && condition.side === "out"
      ? [`${condition.not ? "!" : ""}${condition.name}${condition.prefix ? "+" : ""}`]
      : [],
  );
  return parts.join(",") || "any";
}

function targetOf({ target }: RuleMatch): string | undefined {
  if (target.kind === "masquerade") return "masquerade";
  return target.kind === "snat" ? (target.to.address ? renderIp(target.to.address.from) : "snat") : undefined;
}

/** Every translation of sources in the kernel, and those of ours that the kernel has lost. */
export async function listNats(engine: Engine): Promise<readonly NatView[]> {
  const { rules } = await listRules(engine, { table: "nat" });
  const ownChain = ownChains(engine.root).nat;
  const found = rules.flatMap(({ match, chain, family, backend, owner, packets, bytes }): NatView[] => {
    const to = match && targetOf(match);
    if (!match || to === undefined) return [];
    const own = owner.kind === "nat" && chain === ownChain ? { number: Number(owner.name) } : {};
    return [
      {
        ...own,
        family,
        backend,
        owner,
        source: sourceOf(match),
        out: outOf(match),
        to,
        when: clausesOf(match),
        packets: BigInt(packets),
        bytes: BigInt(bytes),
        state: "active",
      },
    ];
  });
  const present = new Set(found.map(({ number }) => number));
  const lost = readOwnRecords(engine).flatMap(({ number, rule }): NatView[] => {
    if (rule.kind !== "nat" || present.has(number)) return [];
    const { family, subnet, out = "any", to = "masquerade" } = rule.spec;
    const owner: RuleOwner = { program: "tsns", kind: "nat", name: `${number}` };
    return [{ number, family, owner, source: subnet, out, to, when: "", packets: 0n, bytes: 0n, state: "missing" }];
  });
  return [...found, ...lost];
}
