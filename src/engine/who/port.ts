// Who has a port: sockets in every network namespace, and rules that send it elsewhere.
import { TsnsError } from "../../base/error.ts";
import { readSocketOwners } from "../../kernel/proc/descriptor.ts";
import { readFirstMembers, readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { type PortListener, readPortListeners } from "../../kernel/proc/socket.ts";
import type { Finding, PortQuestion } from "../../namespace/who.ts";
import { bracketed } from "../../network/ip.ts";
import type { RuleMatch } from "../../network/rule/match.ts";
import { renderIp } from "../../network/rule/match.ts";
import { type RuleView, renderRuleOwner } from "../../network/rule/view.ts";
import type { Engine } from "../engine.ts";
import { listRules } from "../network/rules.ts";
import type { Owners } from "../owner.ts";
import type { Answer } from "./answer.ts";

const anyAddress: readonly string[] = ["0.0.0.0", "::"];

function takes({ local }: PortListener, { address }: PortQuestion): boolean {
  return address === undefined || local === address || anyAddress.includes(local);
}

/** Listeners of all namespaces that have a process. */
export function findListeners(owners: Owners, question: PortQuestion): Answer {
  const own = readNamespaceInode("self", "net");
  const places = [...readFirstMembers("net")].map(([inode, pid]) => ({ inode, pid }));
  const found = places.flatMap(({ inode, pid }) =>
    readPortListeners(pid, question.port, question.protocol)
      .filter((socket) => takes(socket, question))
      .map((socket) => ({ inode, socket })),
  );
  const holders = readSocketOwners(new Set(found.map(({ socket }) => socket.inode)));
  const findings = found.map(({ inode, socket }): Finding => {
    const pid = holders.get(socket.inode) ?? 0;
    const owner = pid > 0 ? owners.ofPid(pid) : inode === own ? undefined : owners.ofNamespace("net", inode);
    const local = bracketed(socket.local);
    return {
      as: "port",
      how: "listener",
      what: `${socket.protocol} ${local}:${socket.localPort}`,
      pid,
      process: pid > 0 ? owners.commandOf(pid) : "",
      ...(owner ? { owner } : {}),
      namespace: inode === own ? "" : `net:[${inode}]`,
      detail: { protocol: socket.protocol, address: socket.local, port: socket.localPort, inode: socket.inode },
    };
  });
  return { findings, tried: `port: listeners in ${places.length} network namespace${places.length === 1 ? "" : "s"}` };
}

/** Whether a rule rewrites packets to that port: undefined for rules that name no port. */
export function rewritesPort({ conditions, target }: RuleMatch, { port, protocol, address }: PortQuestion): boolean {
  if (target.kind !== "dnat" && target.kind !== "redirect") return false;
  let named = false;
  for (const condition of conditions) {
    if (condition.kind === "ports" && condition.side !== "source") {
      const inside = condition.ranges.some(([first, last]) => port >= first && port <= last);
      if (inside === condition.not) return false;
      named = true;
    }
    if (condition.kind === "protocol" && protocol !== undefined && (condition.protocol === protocol) === condition.not) return false;
    if (condition.kind === "address" && condition.side === "destination" && address !== undefined && !condition.not) {
      if (
        condition.block.prefixLength !== undefined &&
        renderIp({ family: condition.block.family, value: condition.block.base }) !== address
      )
        return false;
    }
  }
  return named;
}

/** Where a rule sends packets to. */
export function targetAddress({ target }: RuleMatch): string | undefined {
  return target.kind === "dnat" && target.to.address ? renderIp(target.to.address.from) : undefined;
}

function ruleFinding(as: "port" | "ip", view: RuleView, owners: Owners): Finding {
  const { match } = view;
  const address = match && targetAddress(match);
  const owner = address === undefined ? undefined : owners.ofAddress(address);
  const place = `${view.family} ${view.table} ${view.chain} rule ${view.number}`;
  return {
    as,
    how: match?.target.kind ?? "rule",
    what: `${view.does} (${place}${owner || view.owner.program === "-" ? "" : `, of ${renderRuleOwner(view.owner)}`})`,
    pid: owner?.pid ?? 0,
    process: owner && owner.pid > 0 ? owners.commandOf(owner.pid) : "",
    ...(owner ? { owner } : {}),
    namespace: "",
    detail: { family: view.family, table: view.table, chain: view.chain, number: view.number, rule: view.rule, ruleOwner: view.owner },
  };
}

/** Rules of the nat table that pass; without iptables or rights none, and the reason in `tried`. */
export async function findRules(engine: Engine, owners: Owners, as: "port" | "ip", wanted: (match: RuleMatch) => boolean): Promise<Answer> {
  try {
    const { rules } = await listRules(engine, { table: "nat" });
    const found = rules.filter(({ match }) => match && wanted(match));
    return { findings: found.map((view) => ruleFinding(as, view, owners)), tried: `${as}: address translation of iptables` };
  } catch (error) {
    if (!(error instanceof TsnsError) || error.kind === "internal") throw error;
    return { findings: [], tried: `${as}: not the rules of iptables: ${error.message}` };
  }
}
