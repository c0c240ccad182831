// What the view of containers knows of itself: its list, which containers are hidden, what groups there are and which are closed. Pure.
import { emptyList, type KeptList, type ListState, restoreList, saveList } from "../../model/list.ts";
import { containerOrders } from "./column.ts";

/** Who are put together: nobody, those with the same value of a label, those on the same network. */
export type Grouping = "none" | "label" | "network";

export interface ContainerList extends ListState {
  /** Those that do not run are not shown. */
  readonly hidesStopped: boolean;
  readonly grouping: Grouping;
  /** Key of the label of `label`. */
  readonly label: string;
  /** Keys of groups whose containers are not shown. */
  readonly closed: ReadonlySet<string>;
  /** Columns that have been moved out at the left. */
  readonly shift: number;
  /** The key of a label that is being written. */
  readonly asked: string | undefined;
}

/** Compose's. */
export const projectLabel = "com.docker.compose.project";

const firstOrder = "age";

export const emptyContainerList: ContainerList = {
  ...emptyList(firstOrder),
  hidesStopped: false,
  grouping: "none",
  label: projectLabel,
  closed: new Set(),
  shift: 0,
  asked: undefined,
};

interface Kept extends KeptList {
  readonly hidesStopped: boolean;
  readonly grouping: Grouping;
  readonly label: string;
}

export const saveContainerList = (list: ContainerList): Kept => ({
  ...saveList(list),
  hidesStopped: list.hidesStopped,
  grouping: list.grouping,
  label: list.label,
});

const isGrouping = (value: unknown): value is Grouping => value === "none" || value === "label" || value === "network";

export function restoreContainerList(kept: unknown): ContainerList {
  const { hidesStopped, grouping, label } = (typeof kept === "object" && kept !== null ? kept : {}) as Record<string, unknown>;
  return {
    ...emptyContainerList,
    ...restoreList(emptyList(firstOrder), kept, Object.keys(containerOrders)),
    hidesStopped: hidesStopped === true,
    grouping: isGrouping(grouping) ? grouping : "none",
    label: typeof label === "string" && label !== "" ? label : projectLabel,
  };
}
