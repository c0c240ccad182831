// The processes of a container, as docker top lists them: by its cgroup, with the host's view of each.
import { listMembers } from "../../kernel/cgroup/process.ts";

export { topRow, topTitles } from "../../kernel/proc/top.ts";

import { listProcesses, type ProcessState } from "../../kernel/proc/process.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { observeContainer } from "./observe.ts";
import { requireRunning } from "./refusal.ts";

export function topContainer(engine: Engine, reference: string): readonly ProcessState[] {
  const observed = observeContainer(engine, findContainer(engine.store, reference));
  requireRunning(observed);
  return listProcesses(listMembers(observed.record.run?.cgroups ?? {}));
}
