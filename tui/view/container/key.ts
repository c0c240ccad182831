// Keys that only the view of containers knows: what is hidden, groups, columns, the orders of htop. Pure.
import type { Key, Surroundings } from "../../model/part.ts";
import { type ContainerList, type Grouping, projectLabel } from "./list.ts";
import type { ContainerRow } from "./row.ts";

/** Columns that can be moved out: all but name and state, and one that stays. */
const mostShift = 16;

/** Undefined for other keys. `row`: the chosen one. */
export function updateByOwnKey(
  list: ContainerList,
  key: string,
  row: ContainerRow | undefined,
  around: Pick<Surroundings, "fed">,
): ContainerList | undefined {
  switch (key) {
    case "P":
      return fromTheTop(list, "cpu");
    case "M":
      return fromTheTop(list, "memory");
    case "e":
      return { ...list, hidesStopped: !list.hidesStopped };
    case "t":
    case "f5":
      // The heading of a group goes with it.
      return { ...list, grouping: nextGrouping(list, around), chosen: row?.members[0]?.record.id };
    case "L":
      return { ...list, asked: list.label === projectLabel ? "" : list.label };
    case ".":
    case "S-right":
      return { ...list, shift: Math.min(list.shift + 1, mostShift) };
    case ",":
    case "S-left":
      return { ...list, shift: Math.max(list.shift - 1, 0) };
    default:
      return row && updateGroup(list, key, row);
  }
}

/** Who has the most is what somebody wants to see who asks so. */
const fromTheTop = (list: ContainerList, column: string): ContainerList => ({
  ...list,
  sorted: { column, descending: true },
  chosen: undefined,
  place: 0,
  top: 0,
});

/** On the heading of a group or a container in it. */
function updateGroup(list: ContainerList, key: string, row: ContainerRow): ContainerList | undefined {
  const group = row.state ? row.group : row.key;
  if (group === undefined) return undefined;
  if (key === "left") return { ...list, closed: new Set([...list.closed, group]), chosen: group };
  if (row.state) return undefined;
  if (key === "right") return { ...list, closed: without(list.closed, group) };
  if (key === "enter") return { ...list, closed: row.isOpen ? new Set([...list.closed, group]) : without(list.closed, group) };
  return undefined;
}

const without = (keys: ReadonlySet<string>, gone: string): ReadonlySet<string> => new Set([...keys].filter((key) => key !== gone));

/** By a label only where some container has it. */
function nextGrouping({ grouping, label }: ContainerList, { fed }: Pick<Surroundings, "fed">): Grouping {
  if (grouping === "network") return "none";
  const hasLabel = fed.containers?.containers.some(({ record }) => Object.hasOwn(record.spec.labels, label)) ?? false;
  return grouping === "none" && hasLabel ? "label" : "network";
}

/** The key of a label as it is written; Tab completes it, Enter groups by it. */
export function writeLabel(list: ContainerList, asked: string, { name, text }: Key, { fed }: Pick<Surroundings, "fed">): ContainerList {
  if (name === "escape") return { ...list, asked: undefined };
  if (name === "enter") {
    const label = asked.trim();
    return label === "" ? { ...list, asked: undefined } : { ...list, asked: undefined, grouping: "label", label };
  }
  if (name === "backspace") return { ...list, asked: [...asked].slice(0, -1).join("") };
  if (name === "C-u") return { ...list, asked: "" };
  if (name === "tab") {
    const all = (fed.containers?.containers ?? []).flatMap(({ record }) => Object.keys(record.spec.labels));
    return { ...list, asked: all.toSorted().find((key) => key.startsWith(asked) && key !== asked) ?? asked };
  }
  return text === "" ? list : { ...list, asked: asked + text };
}
