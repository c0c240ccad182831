// Processes in their order: sorted as a list, or as the tree of who started whom, sorted within each family. Pure.
import type { ProcessUse } from "../../../src/engine/live/process.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import { type ListState, passesFilter, sortRows } from "../../model/list.ts";
import { ofEach } from "../../model/memo.ts";
import { commandOf, type ProcessRow, processOrders } from "./column.ts";

/** Stays while the process lives. */
export const keyOfProcess = ({ pid, startTicks }: ProcessUse): string => `${pid}.${startTicks}`;

/** What a filter looks in. */
const wordsOf = ofEach((use: ProcessUse) => `${use.pid} ${use.innerPid} ${use.user} ${use.containerName} ${commandOf(use)}`.toLowerCase());

export function arrangeProcesses(
  processes: readonly ProcessUse[],
  { filter, sorted }: Pick<ListState, "filter" | "sorted">,
  isTree: boolean,
  glyphs: Pick<Glyphs, "branch" | "lastBranch" | "past">,
): readonly ProcessRow[] {
  const passing = filter === "" ? processes : processes.filter((use) => passesFilter(filter, wordsOf(use)));
  const order = processOrders[sorted.column] ?? processOrders.pid ?? keyOfProcess;
  const rows = sortRows(passing, order, (use) => `${use.pid}`.padStart(10), sorted.descending);
  return isTree ? treeOf(rows, glyphs) : rows.map((use) => ({ use, branch: "" }));
}

/** Those whose parent is not among them stand at the left. */
function treeOf(
  rows: readonly ProcessUse[],
  { branch, lastBranch, past }: Pick<Glyphs, "branch" | "lastBranch" | "past">,
): readonly ProcessRow[] {
  const pids = new Set(rows.map(({ pid }) => pid));
  const isRoot = ({ pid, parentPid }: ProcessUse) => parentPid === pid || !pids.has(parentPid);
  const children = Map.groupBy(
    rows.filter((use) => !isRoot(use)),
    ({ parentPid }) => parentPid,
  );
  const tree: ProcessRow[] = [];
  // Without recursion: a chain of processes may be thousands long. Read at different moments, they may even form a ring.
  const waiting = rows
    .filter(isRoot)
    .toReversed()
    .map((use) => ({ use, before: "", sign: "" }));
  const placed = new Set<number>();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { use, before, sign } = next;
    if (placed.has(use.pid)) continue;
    placed.add(use.pid);
    tree.push({ use, branch: before + sign });
    const below = children.get(use.pid) ?? [];
    const inner = sign === "" ? "" : before + (sign === lastBranch ? " ".repeat(past.length) : past);
    for (const [at, child] of [...below.entries()].toReversed())
      waiting.push({ use: child, before: inner, sign: at === below.length - 1 ? lastBranch : branch });
  }
  return [...tree, ...rows.filter(({ pid }) => !placed.has(pid)).map((use) => ({ use, branch: "" }))];
}
