// The history of an image beside its layers: which line made which. Pure.
import type { HistoryEntry } from "./config.ts";

export interface HistoryStep {
  /** 0: the step has no date. */
  readonly createdMs: number;
  readonly createdBy: string;
  readonly comment: string;
  /** The layer it made; absent for one that changed the configuration alone. */
  readonly diffId?: string;
}

/** Oldest first. A history may tell less than there is: layers it does not know are the newest. */
export function joinHistory(history: readonly HistoryEntry[], diffIds: readonly string[]): readonly HistoryStep[] {
  let made = 0;
  const told = history.map(({ created = "", created_by = "", comment = "", empty_layer }): HistoryStep => {
    const diffId = empty_layer ? undefined : diffIds[made++];
    return { createdMs: Date.parse(created) || 0, createdBy: created_by, comment, ...(diffId === undefined ? {} : { diffId }) };
  });
  return [...told, ...diffIds.slice(made).map((diffId) => ({ createdMs: 0, createdBy: "", comment: "", diffId }))];
}
