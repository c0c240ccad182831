// What an event is in a row: its moment, its kind, whom it is about. Pure.
import type { EventMessage } from "../../../src/engine/event/message.ts";
import { clockTime, dateTime, shortTime } from "../../draw/amount.ts";
import type { Role } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";

/** Milliseconds since 1970. */
export const momentOf = ({ timeNano }: EventMessage): number => Number(timeNano / 1_000_000n);

/** Two of the same moment tell of different things. */
export const keyOfEvent = ({ timeNano, type, action, id }: EventMessage): string => `${timeNano} ${type} ${action} ${id}`;

/** What a person calls it. */
export const nameOfEvent = ({ id, attributes }: EventMessage): string =>
  attributes.name ?? (/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id);

const bad: ReadonlySet<string> = new Set(["oom", "kill", "die", "destroy", "delete", "untag"]);
const good: ReadonlySet<string> = new Set(["start", "create", "pull", "import", "load", "tag", "connect", "unpause", "mount"]);

/** The word itself says it; the colour helps to find it. */
export function roleOfEvent({ action, attributes }: EventMessage): Role {
  if (action.startsWith("health_status")) return action.includes("unhealthy") ? "bad" : "good";
  if (action === "die" && attributes.exitCode === "0") return "plain";
  return bad.has(action) ? "bad" : good.has(action) ? "good" : "plain";
}

/** What became of a container's health is the word that counts. */
const actionText = ({ action }: EventMessage): string => action.replace("health_status: ", "");

/** Attributes that are no news beside the other columns. */
const hidden: ReadonlySet<string> = new Set(["name"]);

/** The image, which is the same for all of a container, comes last. */
export const attributesText = ({ attributes }: EventMessage): string =>
  Object.entries(attributes)
    .filter(([key, value]) => !hidden.has(key) && value !== "")
    .toSorted(([one], [other]) => Number(one === "image") - Number(other === "image"))
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

const day = 86_400_000;

/** The date only for what was not in the last day. */
export function timeText(event: EventMessage, nowMs: number, isRelative: boolean): string {
  const atMs = momentOf(event);
  if (isRelative) return `${shortTime(nowMs - atMs)} ago`;
  return nowMs - atMs < day ? clockTime(atMs) : dateTime(atMs).slice(0, 16);
}

/** `oldestMs`: of all that are shown. */
export const eventColumns = (nowMs: number, isRelative: boolean, oldestMs: number): readonly Column<EventMessage>[] => [
  {
    name: "time",
    title: "TIME",
    least: isRelative || nowMs - oldestMs < day ? 9 : 16,
    cell: (event) => timeText(event, nowMs, isRelative),
  },
  { name: "type", title: "TYPE", least: 9, priority: 1, cell: ({ type }) => type },
  { name: "action", title: "ACTION", least: 12, grows: 1, cell: (event) => ({ text: actionText(event), role: roleOfEvent(event) }) },
  { name: "name", title: "NAME", least: 12, grows: 2, cell: nameOfEvent },
  { name: "attributes", title: "ATTRIBUTES", least: 14, grows: 5, priority: 2, cell: attributesText },
];
