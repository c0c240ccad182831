// `tsns doctor`: asks every finder, and repairs what is tsns's own.
import { accessSync, constants } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { requireIptables } from "../../kernel/iptables/index.ts";
import type { Plan } from "../../plan/plan.ts";
import { missingCapabilities, requirePrivilege } from "../container/privilege.ts";
import type { Engine } from "../engine.ts";
import { performUndo } from "../undo.ts";
import { findCgroups, findForeignCgroups } from "./cgroup.ts";
import { findChanges, findUnmounted } from "./change.ts";
import { findFlows, findForeignFlows } from "./conntrack.ts";
import { findContainerDirectories, findContent, findPlans, findRunFiles, findTemporaries } from "./directory.ts";
import type { Finder, Finding } from "./finding.ts";
import { findHostRules } from "./host-rule.ts";
import { findConnections, findJournals, findLeases, findPlaceLeases } from "./journal.ts";
import { findForeignLinks, findLinks } from "./link.ts";
import { findMonitors } from "./monitor.ts";
import { findLoops, findMounts } from "./mount.ts";
import { findNameSockets } from "./name-server.ts";
import { findForeignNamespaces } from "./namespace.ts";
import { findNamespaceSets } from "./namespace-set.ts";
import { findNetworks } from "./network.ts";
import { findForeignRules, findRules } from "./rule.ts";
import { findRuns } from "./run.ts";
import { openScene } from "./scene.ts";
import { findSharedChains } from "./shared-chain.ts";
import { findDamage, findPermissions } from "./store.ts";

/** In the order of repair: processes, runs and networks first, whose undoing takes much of the rest along. */
const finders: readonly Finder[] = [
  findDamage,
  findPermissions,
  findMonitors,
  findRuns,
  findNetworks,
  findHostRules,
  findChanges,
  findConnections,
  findJournals,
  findLeases,
  findPlaceLeases,
  findRules,
  findSharedChains,
  findFlows,
  findLinks,
  findCgroups,
  findNamespaceSets,
  findMounts,
  findUnmounted,
  findLoops,
  findRunFiles,
  findNameSockets,
  findPlans,
  findContainerDirectories,
  findTemporaries,
  findContent,
];

const foreignFinders: readonly Finder[] = [findForeignLinks, findForeignRules, findForeignFlows, findForeignCgroups, findForeignNamespaces];

async function ask(engine: Engine, list: readonly Finder[]): Promise<readonly Finding[]> {
  const scene = openScene(engine);
  const found: Finding[] = [];
  for (const finder of list) found.push(...(await finder(scene)));
  return found;
}

/**
 * Says what this process cannot judge, so that an empty report means what it says: warns without root's capabilities and without
 * iptables. Throws denied for a data root that it may not read.
 */
export function checkSight(engine: Engine): void {
  try {
    accessSync(engine.root, constants.R_OK | constants.X_OK);
    accessSync(`${engine.root}/store.db`, constants.R_OK);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM"))
      throw new TsnsError("denied", "root-denied", `the data root ${engine.root} is not yours to read`, {
        hint: "run as root, or give --root DIR",
        cause: error,
      });
  }
  const missing = missingCapabilities();
  if (missing.length > 0)
    engine.warn(
      `this process lacks ${missing.join(", ")}: rules, connections, mounts and processes that only root may see are not looked at (run as root)`,
    );
  try {
    requireIptables();
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
    engine.warn(`${error.message}: rules are not looked at (${error.hint})`);
  }
}

/** What tsns has left over. */
export const findLeftovers = (engine: Engine): Promise<readonly Finding[]> => ask(engine, finders);

/** What others seem to have left over. It is never touched. */
export const findForeignLeftovers = (engine: Engine): Promise<readonly Finding[]> => ask(engine, foreignFinders);

const planOf = (findings: readonly Finding[]): Plan => ({
  steps: findings.flatMap(({ kind, object, proof, repair }) =>
    repair.map((step) => ({ step, because: `${kind} ${object} is left over: ${proof}` })),
  ),
});

/** How often the finders are asked again: what one repair uncovers is repaired in the next round. */
const rounds = 3;

/** Repairs what is ours; returns what could not be. In a dry run only the plan is shown. */
export async function repairLeftovers(engine: Engine, findings: readonly Finding[]): Promise<readonly Finding[]> {
  if (engine.show(planOf(findings))) return findings;
  if (findings.length > 0) requirePrivilege("repairs", 1);
  let left = findings;
  for (let round = 0; round < rounds && left.length > 0; round++) {
    for (const finding of left) await repairOne(engine, finding);
    left = await findLeftovers(engine);
  }
  return left;
}

/** One failure does not keep the others: it is told, and found again. */
async function repairOne(engine: Engine, { kind, object, repair, fix }: Finding): Promise<void> {
  try {
    await (fix ? fix() : performUndo(engine, repair));
  } catch (error) {
    engine.warn(`${kind} ${object}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
