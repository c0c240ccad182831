// Use case: why a container ended, of its last run and of those before; of one that runs, how it is and how it ended before.
import type { DeathRecord } from "../../container/death.ts";
import { isLive, shownStatus } from "../../container/record.ts";
import { statusText } from "../../container/view.ts";
import type { Claim } from "../../container/why/claim.ts";
import { judgeDeath } from "../../container/why/death.ts";
import { findContainer } from "../../store/container-record.ts";
import { listDeaths } from "../../store/death-record.ts";
import { type Observation, observeContainer } from "../container/observe.ts";
import { repairContainer } from "../container/repair.ts";
import type { Engine } from "../engine.ts";
import { readProgram } from "./program.ts";

export interface Certificate {
  readonly death: DeathRecord;
  readonly claims: readonly Claim[];
}

export interface WhyDeath {
  readonly id: string;
  readonly name: string;
  /** docker's word: running, exited ... */
  readonly status: string;
  /** docker's words: "Up 3 minutes (healthy)". */
  readonly statusText: string;
  readonly isLive: boolean;
  readonly restarts: number;
  /** Newest first; the last run's end first where it does not run. */
  readonly deaths: readonly Certificate[];
}

/**
 * Cleans up after a run that nobody has looked after yet. `takeOver`: an end that its monitor, or a command that waits for it, is about to record is
 * not left to them, and who holds the container is waited for; without it such an end is told of later. Throws not-found.
 */
export async function whyContainer(engine: Engine, reference: string, { takeOver = false } = {}): Promise<WhyDeath> {
  const { id } = findContainer(engine.store, reference);
  // First without: taken over, one that was left behind would not be started again.
  await repairContainer(engine, id);
  if (takeOver) await repairContainer(engine, id, { takeOver });
  const observed = observeContainer(engine, findContainer(engine.store, id));
  const { record } = observed;
  return {
    id,
    name: record.name,
    status: shownStatus(observed),
    statusText: statusText(observed, Date.now()),
    isLive: isLive(observed),
    restarts: record.run?.restarts?.count ?? 0,
    deaths: listDeaths(engine.store, id).map((death, at) => ({ death, claims: judge(engine, observed, death, at === 0) })),
  };
}

/** The container's files are looked at for its newest end alone: they may have been others before. */
function judge(engine: Engine, { record }: Observation, death: DeathRecord, newest: boolean): Claim[] {
  const { exitCode, signal } = death.exit;
  const asksProgram = newest && signal === 0 && (exitCode === 126 || exitCode === 127);
  const program = asksProgram ? readProgram(engine, record) : undefined;
  return judgeDeath({ name: record.name, spec: record.spec, death, ...(program ? { program } : {}) });
}
