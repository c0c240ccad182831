// What is in the way of a forwarded port: other forwards and containers of this data root, processes that listen, rules of others.
// Throws conflict `port-taken` with who has it.
import { TsnsError } from "../../base/error.ts";
import { readAllRules } from "../../kernel/iptables/all.ts";
import { portHolder, readListeningPorts } from "../../kernel/network/port.ts";
import { anyAddress, portsConflict } from "../../network/port.ts";
import type { IpAddress } from "../../network/rule/address.ts";
import { blockContains, parseIp, renderAddressRange } from "../../network/rule/address.ts";
import { type ForwardSpec, forwardsConflict, renderForward, renderHostSide } from "../../network/rule/forward-spec.ts";
import { parseMatch, type RuleMatch } from "../../network/rule/match.ts";
import { ownerOfRule } from "../../network/rule/owner.ts";
import { renderRuleOwner } from "../../network/rule/view.ts";
import type { HostRuleRecord } from "../../store/host-rule-record.ts";
import { listPortLeases } from "../../store/lease.ts";
import type { Engine } from "../engine.ts";
import { openOwners, renderContainerOf } from "../owner.ts";
import { ownPortChains } from "./root-port.ts";

/** The address that a forward's leases are for. */
export const leaseIp = ({ family, hostIp }: ForwardSpec): string => hostIp ?? (family === "ipv4" ? anyAddress : "::");

function taken(spec: ForwardSpec, port: number, holder: string, hint: string): TsnsError {
  const what = renderHostSide({ ...spec, hostPorts: [port, port] });
  return new TsnsError("conflict", "port-taken", `port ${what} is already in use by ${holder}`, { hint });
}

/** Other forwards and containers of this data root. */
export function refuseLeased(engine: Engine, records: readonly HostRuleRecord[], spec: ForwardSpec): void {
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
    const port = { protocol: spec.protocol, hostPort: lease.hostPort, containerPort: 0 };
    const covers = portsConflict({ ...port, hostIp: lease.hostIp }, { ...port, hostIp: leaseIp(spec) });
    if (!covers || lease.container.includes(":")) continue;
    const row = engine.store.get("SELECT name FROM container WHERE id = ?", lease.container);
    const name = row ? String(row.name) : lease.container.slice(0, 12);
    throw taken(spec, lease.hostPort, `container ${name}`, `stop it with tsns stop ${name}, or take another port`);
  }
}

/** Processes that listen, and rules of others that forward the port already. */
export async function refuseTaken(engine: Engine, spec: ForwardSpec): Promise<void> {
  const [first, last] = spec.hostPorts;
  for (const port of readListeningPorts(spec.protocol)) {
    if (port < first || port > last) continue;
    const holder = portHolder(spec.protocol, leaseIp(spec), port);
    if (!holder) continue;
    const within = renderContainerOf(openOwners(engine), holder.pid);
    throw taken(spec, port, `process ${holder.command} (pid ${holder.pid})${within}`, "stop it, or take another port");
  }
  // Published ports of this root are leases, which name the container; those of other roots are rules like any others.
  const mine = ownPortChains(engine);
  for (const { set } of await readAllRules({ family: spec.family })) {
    for (const table of set.tables.filter(({ table }) => table === "nat")) {
      for (const { rule } of table.rules) {
        const match = parseMatch(rule.args);
        const port = match.target.kind === "dnat" ? sharedPort(match, spec) : undefined;
        const owner = port === undefined ? undefined : ownerOfRule(rule.chain, match);
        if (port === undefined || !owner || mine.has(rule.chain)) continue;
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
