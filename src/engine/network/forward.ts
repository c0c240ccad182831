// Forwarded ports of this host: made, removed, and listed together with everybody else's.
import { TsnsError } from "../../base/error.ts";
import { readAllRules } from "../../kernel/iptables/all.ts";
import { isOwnAddress, readPlace } from "../../kernel/network/place.ts";
import { portHolder, readListeningPorts } from "../../kernel/network/port.ts";
import { anyAddress } from "../../network/port.ts";
import type { IpAddress } from "../../network/rule/address.ts";
import { blockContains, parseIp, renderAddressRange, renderBlock } from "../../network/rule/address.ts";
import {
  type ForwardSpec,
  forwardsConflict,
  parseForward,
  renderForward,
  renderHostSide,
  renderTargetSide,
} from "../../network/rule/forward-spec.ts";
import { parseMatch, type RuleMatch } from "../../network/rule/match.ts";
import { ownChains } from "../../network/rule/own.ts";
import { ownerOfRule } from "../../network/rule/owner.ts";
import type { PortRange, Rewrite } from "../../network/rule/target.ts";
import { type RuleOwner, renderRuleOwner } from "../../network/rule/view.ts";
import { clausesOf } from "../../network/rule/words.ts";
import type { HostRuleRecord } from "../../store/host-rule-record.ts";
import { listPortLeases, takePort } from "../../store/lease.ts";
import type { Engine } from "../engine.ts";
import { openOwners, renderContainerOf } from "../owner.ts";
import { listRules } from "./rules.ts";
import { addHostRule, chooseHostRules, removeHostRules } from "./rules-own.ts";
import { readOwnRecords } from "./rules-record.ts";

export interface ForwardOptions {
  readonly masquerade?: boolean | undefined;
}

/** Returns its number. Throws invalid `bad-forward`, unavailable `no-route`, not-found `no-such-address`, conflict `port-taken`. */
export async function addForward(engine: Engine, text: string, options: ForwardOptions = {}): Promise<number | undefined> {
  const parsed = parseForward(text);
  const spec: ForwardSpec = options.masquerade ? { ...parsed, masquerade: true } : parsed;
  if (spec.hostIp !== undefined && !isOwnAddress(spec.hostIp)) {
    throw new TsnsError("not-found", "no-such-address", `${spec.hostIp} is no address of this host`, {
      hint: "tsns net addr ls lists them; leave it out for all",
    });
  }
  const place = readPlace(spec.targetIp);
  if (!place) {
    throw new TsnsError("unavailable", "no-route", `no route of this host leads to ${spec.targetIp}`, {
      hint: "tsns net route ls lists them",
    });
  }
  await refuseTaken(engine, spec);
  const { link, subnet } = place;
  const rule = {
    kind: "forward",
    spec,
    place: { ...(link === undefined ? {} : { link }), ...(subnet === undefined ? {} : { subnet }) },
  } as const;
  return addHostRule(engine, rule, {
    check: (records) => refuseLeased(engine, records, spec),
    reserve(label) {
      for (let port = spec.hostPorts[0]; port <= spec.hostPorts[1]; port++) {
        takePort(engine.store, { protocol: spec.protocol, hostIp: leaseIp(spec), hostPort: port, container: label });
      }
    },
  });
}

const leaseIp = ({ family, hostIp }: ForwardSpec): string => hostIp ?? (family === "ipv4" ? anyAddress : "::");

function taken(spec: ForwardSpec, port: number, holder: string, hint: string): TsnsError {
  const what = renderHostSide({ ...spec, hostPorts: [port, port] });
  return new TsnsError("conflict", "port-taken", `port ${what} is already in use by ${holder}`, { hint });
}

/** Other forwards and containers of this data root. */
function refuseLeased(engine: Engine, records: readonly HostRuleRecord[], spec: ForwardSpec): void {
  const other = records.find(({ rule }) => rule.kind === "forward" && forwardsConflict(rule.spec, spec));
  if (other?.rule.kind === "forward") {
    throw taken(
      spec,
      Math.max(spec.hostPorts[0], other.rule.spec.hostPorts[0]),
      `forward ${other.number} (${renderForward(other.rule.spec)})`,
      `remove it first with tsns net forward del ${other.number}, or take another port`,
    );
  }
  for (const lease of listPortLeases(engine.store)) {
    if (lease.protocol !== spec.protocol || lease.hostPort < spec.hostPorts[0] || lease.hostPort > spec.hostPorts[1]) continue;
    const covers =
      lease.hostIp === leaseIp(spec) ||
      (spec.family === "ipv4" && !lease.hostIp.includes(":") && (lease.hostIp === anyAddress || spec.hostIp === undefined));
    if (!covers || lease.container.includes(":")) continue;
    const row = engine.store.get("SELECT name FROM container WHERE id = ?", lease.container);
    const name = row ? String(row.name) : lease.container.slice(0, 12);
    throw taken(spec, lease.hostPort, `container ${name}`, `stop it with tsns stop ${name}, or take another port`);
  }
}

/** Processes that listen, and rules of others that forward the port already. */
async function refuseTaken(engine: Engine, spec: ForwardSpec): Promise<void> {
  const [first, last] = spec.hostPorts;
  for (const port of readListeningPorts(spec.protocol)) {
    if (port < first || port > last) continue;
    const holder = portHolder(spec.protocol, leaseIp(spec), port);
    if (!holder) continue;
    const within = renderContainerOf(openOwners(engine), holder.pid);
    throw taken(spec, port, `process ${holder.command} (pid ${holder.pid})${within}`, "stop it, or take another port");
  }
  for (const { set } of await readAllRules({ family: spec.family })) {
    for (const table of set.tables.filter(({ table }) => table === "nat")) {
      for (const { rule } of table.rules) {
        const match = parseMatch(rule.args);
        const port = match.target.kind === "dnat" ? sharedPort(match, spec) : undefined;
        const owner = port === undefined ? undefined : ownerOfRule(rule.chain, match);
        if (port === undefined || !owner || rule.chain === ownChains(engine.root).dnat || isOwnNetwork(rule.chain)) continue;
        const of = owner.program === "-" ? `chain ${rule.chain}` : renderRuleOwner(owner);
        const holder = `a rule of ${of}${renderBehind(engine, match)}`;
        throw taken(spec, port, holder, "tsns net forward ls lists all of them; take another port");
      }
    }
  }
}

/** " that leads to docker container web (172.17.0.2)"; empty for a rule without address. */
function renderBehind(engine: Engine, { target }: RuleMatch): string {
  if (target.kind !== "dnat" || !target.to.address) return "";
  const address = renderAddressRange(target.to.address);
  const owners = openOwners(engine);
  const owner = owners.ofAddress(address);
  const container = owner ? renderContainerOf(owners, owner.pid).replace(/^ of /, "") : "";
  return ` that leads to ${container === "" ? address : `${container} (${address})`}`;
}

/** Published ports of tsns are leases, which name the container. */
const isOwnNetwork = (chain: string): boolean => chain.startsWith("TSNS-DNAT-");

/** A port of `spec` that a rule takes too; undefined when it takes none, or asks for more than ports and destination. */
function sharedPort({ conditions }: RuleMatch, spec: ForwardSpec): number | undefined {
  const own: IpAddress | undefined = spec.hostIp === undefined ? undefined : parseIp(spec.hostIp);
  let shared: number | undefined;
  for (const condition of conditions) {
    if (condition.kind === "protocol" && (condition.not || condition.protocol !== spec.protocol)) return undefined;
    if (condition.kind === "address" && condition.side === "destination") {
      if (own && blockContains(condition.block, own) === condition.not) return undefined;
    }
    // Another target of the same name, and what only some ask for, is no conflict that could be told.
    if (condition.kind === "address" && condition.side === "source") return undefined;
    if (condition.kind === "ports" && condition.side === "destination" && !condition.not) {
      const range = condition.ranges.find(([from, to]) => from <= spec.hostPorts[1] && to >= spec.hostPorts[0]);
      if (!range) return undefined;
      shared = Math.max(range[0], spec.hostPorts[0]);
    }
  }
  return shared;
}

/** By number or specification. Throws not-found `no-such-forward`. */
export async function removeForwards(engine: Engine, references: readonly string[]): Promise<readonly number[]> {
  return removeHostRules(engine, (records) =>
    chooseHostRules(records, "forward", references, (rule, reference) => rule.kind === "forward" && isSame(rule.spec, reference)),
  );
}

function isSame(spec: ForwardSpec, reference: string): boolean {
  try {
    return renderForward(spec) === renderForward(parseForward(reference));
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "invalid") return false;
    throw error;
  }
}

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
