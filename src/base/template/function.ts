// The functions templates may call: Go's built-in ones and docker's. `and`, `or` are the evaluator's, as they do not
// evaluate all arguments. A function reports trouble by throwing a plain Error with Go's wording.
import { renderJson } from "../text.ts";
import { sprintf } from "./printf.ts";
import { formatValue, isMap, isStruct, isTrue, lookUp, typeName } from "./value.ts";

export type TemplateFunction = (...values: unknown[]) => unknown;
export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

/** What a function throws; the evaluator adds the place. */
export class CallError extends Error {}

export const functions: FunctionTable = Object.assign(Object.create(null), {
  // Go
  not: (value: unknown) => !isTrue(value),
  len: length,
  index,
  slice,
  print: printValues,
  println: (...values: unknown[]) => `${values.map((value) => formatValue(value, 1)).join(" ")}\n`,
  printf: (format: unknown, ...values: unknown[]) => sprintf(string(format, "printf"), values),
  html: (...values: unknown[]) => escapeHtml(printValues(...values)),
  js: (...values: unknown[]) => escapeJs(printValues(...values)),
  urlquery: (...values: unknown[]) => encodeURIComponent(printValues(...values).toWellFormed()).replaceAll("%20", "+"),
  eq: (first: unknown, ...others: unknown[]) => {
    if (others.length === 0) throw new CallError("missing argument for comparison");
    return others.some((other) => equal(first, other));
  },
  ne: (a: unknown, b: unknown) => !equal(a, b),
  lt: (a: unknown, b: unknown) => order(a, b) < 0,
  le: (a: unknown, b: unknown) => order(a, b) <= 0,
  gt: (a: unknown, b: unknown) => order(a, b) > 0,
  ge: (a: unknown, b: unknown) => order(a, b) >= 0,
  // docker
  json: (value: unknown) => json(value),
  prettyjson: (value: unknown) => json(value, 2),
  split: (text: unknown, separator: unknown) => string(text, "split").split(string(separator, "split")),
  join: (list: unknown, separator: unknown) => {
    if (!Array.isArray(list)) throw new CallError(`wrong type for value; expected []string; got ${typeName(list)}`);
    return list.map((item) => formatValue(item, 1)).join(string(separator, "join"));
  },
  title: (text: unknown) =>
    string(text, "title").replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  lower: (text: unknown) => string(text, "lower").toLowerCase(),
  upper: (text: unknown) => string(text, "upper").toUpperCase(),
  pad: (text: unknown, before: unknown, after: unknown) =>
    string(text, "pad") && " ".repeat(count(before)) + string(text, "pad") + " ".repeat(count(after)),
  truncate: (text: unknown, size: unknown) => [...string(text, "truncate")].slice(0, count(size)).join(""),
});

/** How many arguments each function takes; functions that are not listed take any number. */
export const arity: Readonly<Record<string, readonly [number, number]>> = {
  not: [1, 1],
  len: [1, 1],
  index: [1, 20],
  slice: [1, 4],
  printf: [1, 1000],
  eq: [1, 1000],
  ne: [2, 2],
  lt: [2, 2],
  le: [2, 2],
  gt: [2, 2],
  ge: [2, 2],
  json: [1, 1],
  prettyjson: [1, 1],
  split: [2, 2],
  join: [2, 2],
  title: [1, 1],
  lower: [1, 1],
  upper: [1, 1],
  pad: [3, 3],
  truncate: [2, 2],
};

/** Go's Print: a space between operands when neither is a string. */
function printValues(...values: unknown[]): string {
  let text = "";
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string") text += " ";
    text += formatValue(value, 1);
  });
  return text;
}

function string(value: unknown, name: string): string {
  if (typeof value !== "string") throw new CallError(`wrong type for value of ${name}; expected string; got ${typeName(value)}`);
  return value;
}

function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new CallError(`wrong type for value; expected int; got ${typeName(value)}`);
  }
  return Math.min(Math.max(value, 0), 10_000);
}

function length(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (isMap(value)) return Object.keys(value).length;
  throw new CallError(`error calling len: len of type ${typeName(value)}`);
}

function index(value: unknown, ...keys: unknown[]): unknown {
  let item = value;
  for (const key of keys) {
    if (isMap(item) || isStruct(item)) {
      // A struct is written with `index` only where docker has a map and the view did not say so.
      item = isMap(item) || Object.hasOwn(item, String(key)) ? lookUp(item, key) : undefined;
      item = item === undefined ? "" : item;
      continue;
    }
    if (!Array.isArray(item) && typeof item !== "string")
      throw new CallError(`error calling index: can't index item of type ${typeName(item)}`);
    if (typeof key !== "number" || !Number.isInteger(key)) {
      throw new CallError(`error calling index: cannot index slice/array with type ${typeName(key)}`);
    }
    if (key < 0 || key >= item.length) throw new CallError(`error calling index: index out of range: ${key}`);
    item = typeof item === "string" ? Buffer.from(item)[key] : item[key];
  }
  return item;
}

function slice(value: unknown, ...bounds: unknown[]): unknown {
  if (!Array.isArray(value) && typeof value !== "string")
    throw new CallError(`error calling slice: can't slice item of type ${typeName(value)}`);
  const bytes = typeof value === "string" ? Buffer.from(value) : undefined;
  const size = bytes ? bytes.length : (value as unknown[]).length;
  let floor = 0;
  for (const bound of bounds) {
    if (typeof bound !== "number" || !Number.isInteger(bound)) {
      throw new CallError(`error calling slice: cannot index slice/array with type ${typeName(bound)}`);
    }
    if (bound < floor || bound > size) throw new CallError(`error calling slice: index out of range: ${bound}`);
    floor = bound;
  }
  const [from = 0, to = size] = bounds as number[];
  return bytes ? bytes.subarray(from, to).toString() : (value as unknown[]).slice(from, to);
}

function json(value: unknown, indent?: number): string {
  const seen = (_: string, item: unknown): unknown => (item instanceof Map ? Object.fromEntries(item) : item);
  return renderJson(value === undefined ? null : JSON.parse(JSON.stringify(value, seen) ?? "null"), indent);
}

function isBasic(value: unknown): boolean {
  return value === null || value === undefined || ["string", "number", "boolean"].includes(typeof value);
}

function equal(a: unknown, b: unknown): boolean {
  if (!isBasic(a) || !isBasic(b)) throw new CallError(`non-comparable type ${typeName(isBasic(a) ? b : a)}`);
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (typeof a !== typeof b) throw new CallError("incompatible types for comparison");
  return a === b;
}

function order(a: unknown, b: unknown): number {
  if (!isBasic(a) || !isBasic(b) || typeof a === "boolean" || a === null || a === undefined)
    throw new CallError("invalid type for comparison");
  if (typeof a !== typeof b) throw new CallError("incompatible types for comparison");
  return a === b ? 0 : (a as string | number) < (b as string | number) ? -1 : 1;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\0": "\ufffd" };
  return text.replace(/[&<>"'\0]/g, (c) => entities[c] ?? c);
}

function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\x00-\x1f\u2028\u2029]/g, (c) => {
    if (c === "\\" || c === "'" || c === '"') return `\\${c}`;
    return `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}
