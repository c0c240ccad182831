// One event as docker's API has it (system event stream): read from a line of the file, chosen by filters, printed. Pure.
import { TsnsError } from "../../base/error.ts";
import { parseObject } from "../../base/json.ts";
import { renderJson } from "../../base/text.ts";

export interface EventMessage {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly scope: string;
  /** Nanoseconds since 1970, more than a double holds. */
  readonly timeNano: bigint;
}

/** Undefined for what is no event: a line cut short by a full disk. */
export function parseEvent(line: string): EventMessage | undefined {
  const object = parseObject(line);
  const nanos = /"timeNano":(\d{1,20})[,}]/.exec(line)?.[1];
  if (!object || nanos === undefined) return undefined;
  const { Type: type, Action: action, Actor: actor, scope } = object;
  const { ID: id, Attributes: attributes } = (actor ?? {}) as { ID?: unknown; Attributes?: unknown };
  if (typeof type !== "string" || typeof action !== "string" || typeof id !== "string") return undefined;
  return {
    type,
    action,
    id,
    attributes: Object.fromEntries(Object.entries(attributes ?? {}).map(([key, value]) => [key, String(value)])),
    scope: typeof scope === "string" ? scope : "local",
    timeNano: BigInt(nanos),
  };
}

/** Lines that are no events are left out. */
export const parseEvents = (lines: readonly string[]): EventMessage[] => lines.flatMap((line) => parseEvent(line) ?? []);

export type EventTest = (event: EventMessage) => boolean;

const named = (type: string): ((value: string) => EventTest) => {
  // docker: an id or name that begins with the value.
  return (value) => (event) => event.type === type && (event.id.startsWith(value) || (event.attributes.name ?? "").startsWith(value));
};
const never = () => () => false;
const withoutTag = (name: string) => name.replace(/:[^:/]*$/, "");

/** docker's keys. What only a daemon, a swarm or a plugin tells of matches nothing here. */
const keys: Readonly<Record<string, (value: string) => EventTest>> = {
  config: never,
  container: named("container"),
  daemon: never,
  event: (value) => (event) => event.action === value || (/^(exec_|health_status)/.test(event.action) && event.action.startsWith(value)),
  image: (value) => (event) => {
    const name = event.attributes[event.type === "image" ? "name" : "image"] ?? "";
    return [event.id, name, withoutTag(event.id), withoutTag(name)].includes(value);
  },
  label: (value) => (event) => {
    const at = value.indexOf("=");
    const key = at < 0 ? value : value.slice(0, at);
    return Object.hasOwn(event.attributes, key) && (at < 0 || event.attributes[key] === value.slice(at + 1));
  },
  network: named("network"),
  node: never,
  plugin: never,
  scope: (value) => (event) => event.scope === value,
  secret: never,
  service: never,
  type: (value) => (event) => event.type === value,
  volume: named("volume"),
};

/** Several values of one key are alternatives, except labels; all keys must hold. Throws invalid for an unknown key. */
export function parseEventFilters(filters: readonly string[]): EventTest {
  const groups = new Map<string, EventTest[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const key = filter.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const test = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (!test) {
      throw new TsnsError("invalid", "bad-filter", `invalid filter '${at < 0 ? filter : key}'`, {
        hint: `write KEY=VALUE with ${Object.keys(keys).join(", ")}`,
      });
    }
    groups.set(key, [...(groups.get(key) ?? []), test(filter.slice(at + 1).trim())]);
  }
  return (event) =>
    [...groups].every(([key, list]) => (key === "label" ? list.every((test) => test(event)) : list.some((test) => test(event))));
}

/** docker's line: local time with nine decimals, type, action, id, attributes by name. */
export function renderEvent(event: EventMessage, zoneMinutes: (ms: number) => number): string {
  const attributes = Object.entries(event.attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  const words = `${renderNano(event.timeNano, zoneMinutes)} ${event.type} ${event.action} ${event.id}`;
  return attributes.length > 0 ? `${words} (${attributes.join(", ")})` : words;
}

/** RFC 3339 with nine decimals. `zoneMinutes`: minutes east of UTC at a moment. */
function renderNano(timeNano: bigint, zoneMinutes: (ms: number) => number): string {
  const ms = Number(timeNano / 1_000_000n);
  const minutes = zoneMinutes(ms);
  const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  const zone = minutes === 0 ? "Z" : `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  return `${local}.${String(timeNano % 1_000_000_000n).padStart(9, "0")}${zone}`;
}

/** What templates see: the fields of docker's message, those of older clients too. */
export function viewEvent(event: EventMessage): Record<string, unknown> {
  const { type, action, id, attributes } = event;
  return {
    ...(type === "container" || type === "image" ? { status: action, id } : {}),
    ...(type === "container" && attributes.image ? { from: attributes.image } : {}),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: event.scope,
    time: Number(event.timeNano / 1_000_000_000n),
    timeNano: Number(event.timeNano),
  };
}

/** As one line of JSON, the nanoseconds with all their digits. */
export function renderEventJson(event: EventMessage): string {
  return renderJson(viewEvent(event)).replace(/"timeNano":\d+\}$/, `"timeNano":${event.timeNano}}`);
}
