// The one view of `tsns top`. Pure.
import { sealView } from "./model/part.ts";
import type { House } from "./model/state.ts";
import { descendingOrders } from "./tab/process/column.ts";
import { initialProcessList } from "./tab/process/list.ts";
import { processView } from "./view/process/process.ts";

/** Sorted by a column to begin with, instead of as it was left. */
export function topHouse(column: string | undefined): House {
  if (column === undefined) return { views: [sealView(processView)], tabs: [] };
  const list = { ...initialProcessList.list, sorted: { column, descending: descendingOrders.has(column) } };
  const { save } = processView.keep ?? {};
  const view = {
    ...processView,
    initial: { ...initialProcessList, list },
    keep: { save: save ?? (() => undefined), restore: () => undefined },
  };
  return { views: [sealView(view)], tabs: [] };
}
