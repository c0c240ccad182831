// Every forwarded port of this host, whoever forwards it: rules of the kernel in words, and records whose rules are gone.
import { anyAddress } from "../../network/port.ts";
import { renderAddressRange, renderBlock } from "../../network/rule/address.ts";
import { renderHostSide, renderTargetSide } from "../../network/rule/forward-spec.ts";
import type { RuleMatch } from "../../network/rule/match.ts";
import { ownChains } from "../../network/rule/own.ts";
import type { PortRange, Rewrite } from "../../network/rule/target.ts";
import type { RuleOwner } from "../../network/rule/view.ts";
import { clausesOf } from "../../network/rule/words.ts";
import type { Engine } from "../engine.ts";
import { listRules } from "./rules.ts";
import { readOwnRecords } from "./rules-record.ts";

/** One rule that forwards ports, whoever made it; or a record without a rule. */
export interface ForwardView {
  /** Of `net forward`; undefined for published ports and what others made. */
  readonly number?: number;
  readonly family: "ipv4" | "ipv6";
  readonly backend?: "nft" | "legacy";
  readonly owner: RuleOwner;
  /** `0.0.0.0:8080/tcp`; "*" for all ports or all protocols. */
  readonly listen: string;
  /** `10.1.0.5:80`. */
  readonly target: string;
  /** Container that has the target's address, as "container web". */
  readonly behind: string;
  /** Conditions besides address and port, in words. */
  readonly when: string;
  readonly packets: bigint;
  readonly bytes: bigint;
  /** "active", or "missing": the kernel has no such rule. */
  readonly state: "active" | "missing";
}

const portsText = (range: PortRange | undefined): string =>
  range === undefined ? "*" : range[0] === range[1] ? `${range[0]}` : `${range[0]}-${range[1]}`;
const bracketed = (ip: string): string => (ip.includes(":") && !ip.includes("/") ? `[${ip}]` : ip);

function listenText({ conditions }: RuleMatch, family: ForwardView["family"]): string {
  const addresses = conditions.flatMap((condition) =>
    condition.kind === "address" && condition.side === "destination"
      ? [`${condition.not ? "!" : ""}${bracketed(renderBlock(condition.block))}`]
      : [],
  );
  const ports = conditions.flatMap((condition) =>
    condition.kind === "ports" && condition.side === "destination"
      ? [`${condition.not ? "!" : ""}${condition.ranges.map(portsText).join(",")}`]
      : [],
  );
  const protocol = conditions.flatMap((condition) =>
    condition.kind === "protocol" ? [`${condition.not ? "!" : ""}${condition.protocol}`] : [],
  );
  return `${addresses.join(",") || (family === "ipv4" ? anyAddress : "[::]")}:${ports.join(",") || "*"}/${protocol.join(",") || "*"}`;
}

function targetText({ address, ports }: Rewrite, listen: string): string {
  const same = listen.slice(listen.lastIndexOf(":") + 1, listen.lastIndexOf("/"));
  return `${address ? bracketed(renderAddressRange(address)) : "-"}:${ports ? portsText(ports) : same}`;
}

/** The rule without what `listen` says already. */
function whenText(match: RuleMatch): string {
  const rest = match.conditions.filter(
    (condition) =>
      condition.kind !== "protocol" &&
      !(condition.kind === "ports" && condition.side === "destination") &&
      !(condition.kind === "address" && condition.side === "destination"),
  );
  return clausesOf({ ...match, conditions: rest });
}

/** Every forwarded port in the kernel, published ones of containers too, and those of ours that the kernel has lost. */
export async function listForwards(engine: Engine): Promise<readonly ForwardView[]> {
  const { rules, nameOf } = await listRules(engine, { table: "nat" });
  const ownChain = ownChains(engine.root).dnat;
  const found = rules.flatMap(({ match, chain, family, backend, owner, packets, bytes }): ForwardView[] => {
    if (match?.target.kind !== "dnat") return [];
    const listen = listenText(match, family);
    const number = owner.kind === "forward" && chain === ownChain ? { number: Number(owner.name) } : {};
    const { to } = match.target;
    const behind = (to.address && nameOf(renderAddressRange(to.address))) ?? "";
    return [
      {
        ...number,
        family,
        backend,
        owner,
        listen,
        target: targetText(to, listen),
        behind,
        when: whenText(match),
        packets: BigInt(packets),
        bytes: BigInt(bytes),
        state: "active",
      },
    ];
  });
  const present = new Set(found.map(({ number }) => number));
  const lost = readOwnRecords(engine).flatMap(({ number, rule }): ForwardView[] => {
    if (rule.kind !== "forward" || present.has(number)) return [];
    const { spec } = rule;
    const owner: RuleOwner = { program: "tsns", kind: "forward", name: `${number}` };
    const common = { number, family: spec.family, owner, listen: renderHostSide(spec), target: renderTargetSide(spec) };
    return [{ ...common, behind: nameOf(spec.targetIp) ?? "", when: "", packets: 0n, bytes: 0n, state: "missing" }];
  });
  return [...found, ...lost];
}
