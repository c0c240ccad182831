// Named sets of namespaces that are not whole: `tsns ns create` was killed, the holder of a pid namespace died, or the machine
// was started again. A whole set is what somebody wanted.
import { existsSync } from "node:fs";
import { isRunning } from "../../kernel/proc/identity.ts";
import { readNamespaceMounts } from "../../kernel/proc/namespace-file.ts";
import { readHolder } from "../../kernel/proc/namespace-holder.ts";
import type { Step } from "../../plan/step.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { journalPrefix } from "../namespace/create.ts";
import { performUndo } from "../undo.ts";
import type { Finder, Finding } from "./finding.ts";

/** What is missing of a set; undefined when it is whole. */
function missingPart(undo: readonly Step[], mounted: ReadonlySet<string>): string | undefined {
  for (const step of undo) {
    if (step.kind !== "namespace.remove") continue;
    if (!existsSync(step.directory)) return `${step.directory} is gone`;
    const lost = step.kinds.filter((kind) => !mounted.has(`${step.directory}/${kind}`));
    if (lost.length > 0) return `its ${lost.join(", ")} namespace ${lost.length === 1 ? "is" : "are"} not mounted`;
    const holder = step.kinds.includes("pid") ? readHolder(step.directory) : undefined;
    if (step.kinds.includes("pid") && !(holder && isRunning(holder))) return "process 1 of its pid namespace has ended";
  }
  return undefined;
}

export const findNamespaceSets: Finder = ({ engine, journalOwners, isBusy }) => {
  const owners = journalOwners.filter((owner) => owner.startsWith(journalPrefix) && !isBusy(owner));
  if (owners.length === 0) return [];
  const mounted = new Set(readNamespaceMounts().map(({ target }) => target));
  return owners.flatMap((owner): readonly Finding[] => {
    const repair = readJournal(engine.store, owner) ?? [];
    const proof = missingPart(repair, mounted);
    if (proof === undefined) return [];
    const fix = async () => {
      await performUndo(engine, repair);
      deleteJournal(engine.store, owner);
    };
    return [{ kind: "namespace set", object: owner.slice(journalPrefix.length), proof, bytes: 0, owner: "tsns", repair, fix }];
  });
};
