// Runs of containers that have ended without clean-up: tsns or the monitor was killed, or the machine went down.
import { isRunning } from "../../kernel/proc/identity.ts";
import { readJournal } from "../../store/journal.ts";
import { repairContainer } from "../container/repair.ts";
import type { Finder } from "./finding.ts";

export const findRuns: Finder = ({ engine, containers, journalOwners, isBusy }) =>
  containers
    .filter(({ record, status }) => journalOwners.includes(record.id) && status !== "running" && !isBusy(record.id))
    // A living monitor is about to call `cleanup` itself.
    .filter(({ monitor }) => !(monitor && isRunning({ pid: monitor.monitorPid, startTime: monitor.monitorStart })))
    .map(({ record, monitor }) => ({
      kind: "container run",
      object: record.name,
      proof: monitor
        ? `its monitor (pid ${monitor.monitorPid}) is gone, its journal is not`
        : "its start was not finished, no command is at it",
      bytes: 0,
      owner: "tsns",
      repair: readJournal(engine.store, record.id) ?? [],
      fix: () => repairContainer(engine, record.id, { takeOver: true }),
    }));
