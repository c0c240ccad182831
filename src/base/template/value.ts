// Values as Go's template sees them: truth, printing, comparison, fields and elements.
// A plain object is a struct (an unknown field is an error); an object without prototype or a Map is a map (an unknown
// key is "<no value>"). `undefined` is no value, `null` is nil.
import { isUtf8 } from "node:buffer";

/** Marks an object whose keys are data (labels), so that an unknown key is no error. */
export function asMap<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), entries);
}

export function isMap(value: unknown): value is Record<string, unknown> | Map<unknown, unknown> {
  return value instanceof Map || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null);
}

export function isStruct(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isMap(value);
}

/** Keys and values of a map in the order of its keys. */
export function mapEntries(map: Record<string, unknown> | Map<unknown, unknown>): [unknown, unknown][] {
  const entries: [unknown, unknown][] = map instanceof Map ? [...map] : Object.entries(map);
  return entries.sort(([a], [b]) => (typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1));
}

export function lookUp(map: Record<string, unknown> | Map<unknown, unknown>, key: unknown): unknown {
  if (map instanceof Map) return map.get(key);
  return Object.hasOwn(map, String(key)) ? map[String(key)] : undefined;
}

/** Go's truth: false, 0, "", nil, and what has no elements are false. A struct is true. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value) && !Number.isNaN(value);
}

/** Kind of a value in messages. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return "nil";
  if (Array.isArray(value)) return "slice";
  if (isMap(value)) return "map";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (typeof value === "boolean") return "bool";
  return typeof value === "object" ? "struct" : typeof value;
}

/** Go's %v. `depth` bounds self-containing values. */
export function formatValue(value: unknown, depth = 0): string {
  if (value === undefined) return depth === 0 ? "<no value>" : "<nil>";
  if (value === null) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "function") return "<func>";
  if (typeof value !== "object") return String(value);
  if (depth > 20) return "...";
  if (value instanceof Uint8Array) return isUtf8(value) ? new TextDecoder().decode(value) : `[${value.join(" ")}]`;
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, depth + 1)).join(" ")}]`;
  if (isMap(value)) {
    const entries = mapEntries(value).map(([key, item]) => `${formatValue(key, depth + 1)}:${formatValue(item, depth + 1)}`);
    return `map[${entries.join(" ")}]`;
  }
  const fields = Object.values(value).filter((item) => typeof item !== "function");
  return `{${fields.map((item) => formatValue(item, depth + 1)).join(" ")}}`;
}

/** Go's %v of a number: exponent as e+06 from 1e21 on. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}
