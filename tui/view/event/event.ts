// The view of events: what has happened, followed as it comes; from each of them to what it is about. Pure.
import type { EventMessage } from "../../../src/engine/event/message.ts";
import { span } from "../../draw/cell.ts";
import type { Effect } from "../../model/effect.ts";
import {
  emptyList,
  type KeptList,
  type ListState,
  passesFilter,
  placeOf,
  restoreList,
  saveList,
  settleList,
  updateListByKey,
  updateListByMouse,
} from "../../model/list.ts";
import { lastOf } from "../../model/memo.ts";
import type { Change, Chosen, KeyHint, PartMessage, Surroundings, View } from "../../model/part.ts";
import { drawList, heightOf, type Listed, listed } from "../listing.ts";
import { attributesText, eventColumns, keyOfEvent, momentOf, nameOfEvent } from "./column.ts";

interface EventList extends ListState {
  /** Time as how long ago. */
  readonly isRelative: boolean;
  /** Of one type alone. */
  readonly type: string | undefined;
  /** The newest one stays chosen as it comes. */
  readonly follows: boolean;
}

/** Descending: newest first. */
const initial: EventList = { ...emptyList("time"), isRelative: false, type: undefined, follows: true };

const types: readonly string[] = ["container", "image", "network", "volume"];

const wordsOf = (event: EventMessage): string => `${event.type} ${event.action} ${nameOfEvent(event)} ${event.id} ${attributesText(event)}`;

/** Oldest first as they are fed. */
const makeRows = lastOf(
  (events: readonly EventMessage[] | undefined, filter: string, type: string | undefined, isNewestFirst: boolean): Listed<EventMessage> => {
    const words = filter
      .split(/\s+/)
      .filter((word) => !/^!?type:/.test(word))
      .join(" ");
    const wanted = /(?:^|\s)type:(\S+)/.exec(filter)?.[1];
    const unwanted = /(?:^|\s)!type:(\S+)/.exec(filter)?.[1];
    const passed = (events ?? []).filter(
      (event) =>
        (type === undefined || event.type === type) &&
        (wanted === undefined || event.type.startsWith(wanted)) &&
        (unwanted === undefined || !event.type.startsWith(unwanted)) &&
        passesFilter(words, wordsOf(event)),
    );
    return listed(isNewestFirst ? passed.toReversed() : passed, keyOfEvent);
  },
);

const rowsOf = ({ filter, type, sorted }: EventList, { fed }: Pick<Surroundings, "fed">): Listed<EventMessage> =>
  makeRows(fed.events?.events, filter, type, sorted.descending);

const chosenOf = (event: EventMessage): Chosen => ({ kind: "event", reference: `${event.type} ${event.action}`, id: keyOfEvent(event) });

/** The newest one while it is followed. */
function placeIn(list: EventList, keys: readonly string[]): number {
  if (!list.follows) return placeOf(list, keys);
  return list.sorted.descending ? Math.min(0, keys.length - 1) : keys.length - 1;
}

function settled(list: EventList, around: Surroundings): EventList {
  const { keys } = rowsOf(list, around);
  const place = placeIn(list, keys);
  return { ...list, ...settleList({ ...list, chosen: keys[place], place: Math.max(place, 0) }, keys, heightOf(list, around)) };
}

function chosenRow(list: EventList, around: Surroundings): EventMessage | undefined {
  const { rows, keys } = rowsOf(list, around);
  return rows[placeIn(list, keys)];
}

/** Followed again as soon as the newest one is chosen by a person. */
function moved(list: EventList, after: ListState, around: Surroundings): EventList {
  const changed: EventList = { ...list, ...after };
  const { keys } = rowsOf(changed, around);
  const isMove = after.chosen !== list.chosen;
  const isNewest = after.chosen === (changed.sorted.descending ? keys[0] : keys.at(-1));
  return settled({ ...changed, follows: isMove ? isNewest : list.follows }, around);
}

/** Fed oldest first. */
function oldestMs({ fed, nowMs }: Surroundings): number {
  const first = fed.events?.events[0];
  return first ? momentOf(first) : nowMs;
}

const viewOfType: Readonly<Record<string, string>> = { container: "containers", image: "images", network: "networks", volume: "volumes" };

/** To what the event is about, where there is a view of such. */
function goEffects(event: EventMessage | undefined): readonly Effect[] {
  const view = event && viewOfType[event.type];
  if (!view) return [];
  // Networks are known by their names, all else by its id.
  return [{ kind: "go", view, row: event.type === "network" ? nameOfEvent(event) : event.id }];
}

function update(list: EventList, message: PartMessage, around: Surroundings): Change<EventList> {
  const shown = settled(list, around);
  const { keys } = rowsOf(shown, around);
  const height = heightOf(shown, around);
  if (message.kind === "mouse") {
    const state = moved(shown, updateListByMouse(shown, message.mouse, keys, height), around);
    const isOpening = message.mouse.action === "double" && message.mouse.row > 0;
    return { state, ...(isOpening ? { effects: goEffects(chosenRow(state, around)) } : {}) };
  }
  if (message.kind === "show")
    return { state: settled({ ...list, chosen: message.row, follows: false, filter: "", type: undefined }, around) };
  if (message.kind === "fed") return { state: message.fed.feed === "events" ? shown : list };
  const own = list.isFiltering ? undefined : updateByOwnKey(shown, message.key.name);
  if (own) return { state: settled(own, around) };
  if (!list.isFiltering && message.key.name === "enter") return { state: shown, effects: goEffects(chosenRow(shown, around)) };
  const changed = updateListByKey(shown, message.key, keys, height, ["time"]);
  return changed ? { state: moved(shown, changed, around) } : { state: list, isUnused: true };
}

function updateByOwnKey(list: EventList, key: string): EventList | undefined {
  switch (key) {
    case "r":
      return { ...list, isRelative: !list.isRelative };
    case "t": {
      const at = types.indexOf(list.type ?? "");
      return { ...list, type: types[at + 1] };
    }
    case "f":
      return { ...list, follows: !list.follows };
    default:
      return undefined;
  }
}

function nothingOf(list: EventList, { fed }: Surroundings): readonly string[] {
  if (fed.events === undefined) return ["reading ..."];
  if (fed.events.events.length === 0)
    return ["nothing has happened yet: what is started, stopped, pulled or removed", "stands here as it happens"];
  const only = list.type === undefined ? "" : ` of ${list.type}s (t shows others)`;
  return [`no event${only} passes${list.filter === "" ? "" : " the filter: Esc takes it away"}`];
}

const keys: readonly KeyHint[] = [
  { key: "Up Down", does: "choose" },
  { key: "Enter", does: "go to it", isShown: true },
  { key: "/ F4", does: "filter", isShown: true },
  { key: "t", does: "type", isShown: true },
  { key: "r", does: "time, how long ago", isShown: true },
  { key: "I", does: "newest first, last", isShown: true },
  { key: "f", does: "follow the newest" },
];

interface Kept extends KeptList {
  readonly isRelative: boolean;
}

export const eventView: View<EventList> = {
  name: "events",
  title: "Events",
  short: "Evt",
  initial,
  tabs: ["event"],
  actions: [],
  needs: () => [{ kind: "events" }],
  update,
  draw: (list, around) =>
    drawList(
      {
        list: settled(list, around),
        listed: rowsOf(list, around),
        columns: eventColumns(around.nowMs, list.isRelative, oldestMs(around)),
        nothing: nothingOf(list, around),
      },
      around,
    ),
  note(list, { fed }) {
    const count = fed.events?.events.length ?? 0;
    const shown = rowsOf(list, { fed }).rows.length;
    const texts = [
      ...(list.type === undefined ? [] : [`${list.type}s alone (t)`]),
      ...(shown < count ? [`${shown} of ${count}`] : [`${count}`]),
      list.follows ? "follows the newest" : "does not follow (f)",
    ];
    return [span(texts.join("  "), "dim")];
  },
  keys: () => keys,
  chosen(list, around) {
    const row = chosenRow(list, around);
    return row && chosenOf(row);
  },
  targets: () => [],
  keep: {
    save: (list): Kept => ({ ...saveList(list), isRelative: list.isRelative }),
    restore(kept) {
      const { isRelative } = (typeof kept === "object" && kept !== null ? kept : {}) as { isRelative?: unknown };
      return { ...initial, ...restoreList(emptyList("time"), kept, ["time"]), isRelative: isRelative === true };
    },
  },
};
