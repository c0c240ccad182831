// The processes of a container, as docker top lists them: by its cgroup, with the host's view of each; with options of ps by the host's ps.
import { listMembers } from "../../kernel/cgroup/process.ts";

export { topRow, topTitles } from "../../kernel/proc/top.ts";

import { listProcesses, type ProcessState } from "../../kernel/proc/process.ts";
import { type PsTable, parsePs, runPs } from "../../kernel/proc/ps.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { observeContainer } from "./observe.ts";
import { requireRunning } from "./refusal.ts";

/** Throws not-found, conflict unless it runs. */
export function topContainer(engine: Engine, reference: string): readonly ProcessState[] {
  return listProcesses(membersOf(engine, reference));
}

/** As docker: ps is run with these options, and of its lines those stay whose PID is one of the container's. Throws invalid for them. */
export function topByPs(engine: Engine, reference: string, options: readonly string[]): PsTable {
  // Looked up first: a process that has ended since is no line of ps.
  const pids = new Set(membersOf(engine, reference));
  // docker joins the words and parts them at blanks: "-o pid,cmd" may be one word
  return parsePs(
    runPs(
      options
        .join(" ")
        .split(/\s+/)
        .filter((word) => word !== ""),
    ),
    pids,
  );
}

function membersOf(engine: Engine, reference: string): readonly number[] {
  const observed = observeContainer(engine, findContainer(engine.store, reference));
  requireRunning(observed);
  return listMembers(observed.record.run?.cgroups ?? {});
}
