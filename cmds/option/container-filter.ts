// docker ps --filter: conditions on containers. Several values of one key are alternatives, except labels, which must all be there;
// different keys must all hold.
import { TsnsError } from "../../src/base/error.ts";
import type { ContainerState } from "../../src/container/record.ts";

type Test = (state: ContainerState) => boolean;

/** Ids of an image and of those made from it. */
export type Descendants = (image: string) => ReadonlySet<string>;

/** A value to its test. Throws a text that says what is wrong with the value. */
const tests: Readonly<Record<string, (value: string, descendants: Descendants) => Test>> = {
  id: (value) => (state) => state.record.id.startsWith(value),
  name(value) {
    const expression = parseExpression(value);
    return ({ record }) => expression.test(record.name) || expression.test(`/${record.name}`);
  },
  status(value) {
    if (!statuses.includes(value)) throw new BadValue(`it is one of ${statuses.join(", ")}`);
    return ({ status }) => status === value;
  },
  ancestor(value, descendants) {
    const images = descendants(value);
    return ({ record: { spec } }) => images.has(spec.imageId);
  },
  label(value) {
    const at = value.indexOf("=");
    const key = at < 0 ? value : value.slice(0, at);
    return ({ record: { spec } }) => Object.hasOwn(spec.labels, key) && (at < 0 || spec.labels[key] === value.slice(at + 1));
  },
  exited(value) {
    if (!/^-?\d+$/.test(value)) throw new BadValue("it is an exit code");
    return ({ status, record }) => status === "exited" && record.exit?.exitCode === Number(value);
  },
};

/** Docker's; those tsns never has match nothing. */
const statuses = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];

class BadValue extends Error {}

/** One predicate of all filters. Throws invalid for an unknown key or an impossible value, and what `descendants` throws. */
export function parseFilters(filters: readonly string[], descendants: Descendants): (state: ContainerState) => boolean {
  const groups = new Map<string, Test[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const key = filter.slice(0, Math.max(at, 0));
    if (!Object.hasOwn(tests, key)) throw badFilter(filter, `write KEY=VALUE with ${Object.keys(tests).join(", ")}`);
    groups.set(key, [...(groups.get(key) ?? []), parseFilter(filter, key, filter.slice(at + 1), descendants)]);
  }
  return (state) =>
    [...groups].every(([key, list]) => (key === "label" ? list.every((test) => test(state)) : list.some((test) => test(state))));
}

function parseFilter(filter: string, key: string, value: string, descendants: Descendants): Test {
  try {
    return tests[key]?.(value, descendants) ?? (() => false);
  } catch (error) {
    if (error instanceof BadValue) throw badFilter(filter, error.message);
    throw error;
  }
}

function parseExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new BadValue("it is no regular expression");
  }
}

function badFilter(filter: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, { hint });
}
