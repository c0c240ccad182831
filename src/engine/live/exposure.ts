// Who reaches the open ports of this host, as `tsns net exposed` finds out: a process of its own, as following every packet through all
// rules takes longer than a screen may stand still.
import { isObject, type JsonObject } from "../../base/json.ts";
import type { VerdictKind } from "../../network/trace/verdict.ts";
import type { Engine } from "../engine.ts";
import { runOwn } from "../own-output.ts";
import { lookedAgain } from "./rule-watch.ts";

export interface ExposureCell {
  /** host, lan, internet, or the network it was looked from. */
  readonly side: string;
  readonly verdict: VerdictKind;
  readonly reason: string;
  /** What decided it: "iptables filter FORWARD #3"; absent: no rule. */
  readonly rule?: string;
  /** Who claims to deny what is open. */
  readonly bypassed?: string;
}

export interface ExposedPort {
  readonly port: number;
  readonly lastPort?: number;
  readonly protocol: string;
  /** "0.0.0.0", "::", "*" for both, or one address. */
  readonly address: string;
  /** Who is behind it, in words. */
  readonly owner: string;
  /** "10.66.0.2:80"; absent: a program of this host listens. */
  readonly to?: string;
  readonly cells: readonly ExposureCell[];
}

/** Looks from this host, its neighbours, the internet, and these networks (10.1.2.0/24). Throws unavailable. */
export async function askExposure(engine: Engine, networks: readonly string[], signal: AbortSignal): Promise<readonly ExposedPort[]> {
  const from = ["host", "lan", "internet", ...networks].flatMap((side) => ["--from", side]);
  return parseExposure(await runOwn(engine, ["net", "exposed", "--json", ...from], signal));
}

export interface LiveExposure {
  readonly ports: readonly ExposedPort[];
  /** Why nothing can be said of them. */
  readonly error?: string;
}

/** What askExposure tells, and again when other rules of the firewall have made it another. Until the signal. */
export function watchExposure(engine: Engine, networks: readonly string[], signal: AbortSignal): AsyncGenerator<LiveExposure> {
  async function* look(): AsyncGenerator<LiveExposure> {
    try {
      yield { ports: await askExposure(engine, networks, signal) };
    } catch (error) {
      // Without the privilege it will not be said later either: told where it is asked for.
      if (!signal.aborted) yield { ports: [], error: error instanceof Error ? error.message : String(error) };
    }
  }
  return lookedAgain(look, signal);
}

/** What is not as `net exposed` writes it is left out. */
export function parseExposure(text: string): readonly ExposedPort[] {
  const rows: unknown = JSON.parse(text);
  return Array.isArray(rows) ? rows.filter(isObject).map(parsePort) : [];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const verdicts: ReadonlySet<unknown> = new Set<VerdictKind>(["reachable", "blocked", "unknown"]);

function parsePort({ port, lastPort, protocol, address, owner, to, from }: JsonObject): ExposedPort {
  return {
    port: Number(port),
    ...(typeof lastPort === "number" ? { lastPort } : {}),
    protocol: text(protocol),
    address: text(address),
    owner: text(owner),
    ...(typeof to === "string" ? { to } : {}),
    cells: Object.entries(isObject(from) ? from : {}).flatMap(([side, cell]) => (isObject(cell) ? [parseCell(side, cell)] : [])),
  };
}

function parseCell(side: string, { verdict, reason, rule, bypassed }: JsonObject): ExposureCell {
  return {
    side,
    verdict: verdicts.has(verdict) ? (verdict as VerdictKind) : "unknown",
    reason: text(reason),
    ...(isObject(rule) ? { rule: renderRuleView(rule) } : {}),
    ...(typeof bypassed === "string" ? { bypassed } : {}),
  };
}

const renderRuleView = ({ command, table, chain, number }: JsonObject): string =>
  `${text(command)} ${text(table)} ${text(chain)} ${number === 0 ? "policy" : `#${number}`}`;
