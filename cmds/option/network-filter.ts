// `--filter` of network ls, in docker's words.
import { TsnsError } from "../../src/base/error.ts";
import type { NetworkEntry } from "../../src/engine/network/list.ts";
import { hasLabel } from "../../src/image/filter.ts";

type Test = (entry: NetworkEntry) => boolean;

interface Key {
  /** Undefined for a value that cannot be. */
  readonly test: (value: string) => Test | undefined;
  readonly hint: string;
}

const any = "any text";

/** A part of the text, or a regular expression. */
function matching(textOf: (entry: NetworkEntry) => string): Key["test"] {
  return (value) => {
    try {
      const expression = new RegExp(value);
      return (entry) => textOf(entry).includes(value) || expression.test(textOf(entry));
    } catch {
      return (entry) => textOf(entry).includes(value);
    }
  };
}

const equal =
  (textOf: (entry: NetworkEntry) => string): Key["test"] =>
  (value) =>
  (entry) =>
    textOf(entry) === value;

const keys: Readonly<Record<string, Key>> = {
  dangling: {
    test: (value) =>
      /^(true|false|1|0)$/.test(value)
        ? ({ isBuiltIn, isUsed, record }) => (!isBuiltIn && !isUsed && !record?.spec.configOnly) === /^(true|1)$/.test(value)
        : undefined,
    hint: 'dangling must be "true" (or "1"), or "false" (or "0")',
  },
  driver: { test: equal(({ driver }) => driver), hint: any },
  id: { test: matching(({ id }) => id), hint: any },
  label: {
    test:
      (value) =>
      ({ labels }) =>
        hasLabel(labels, value),
    hint: any,
  },
  name: { test: matching(({ name }) => name), hint: any },
  scope: { test: matching(() => "local"), hint: any },
  type: {
    test: (value) => (value === "builtin" || value === "custom" ? ({ isBuiltIn }) => isBuiltIn === (value === "builtin") : undefined),
    hint: "type is builtin or custom",
  },
};

/** Values of one key are alternatives, labels and different keys must all hold. Throws TsnsError invalid `bad-filter`. */
export function parseNetworkFilters(filters: readonly string[]): Test {
  const groups = new Map<string, Test[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const [name, value] = [filter.slice(0, at), filter.slice(at + 1)];
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    const test = key?.test(value);
    if (!test) {
      throw new TsnsError("invalid", "bad-filter", `invalid filter '${key ? filter : name}'`, {
        hint: key?.hint ?? `write KEY=VALUE with ${Object.keys(keys).join(", ")}`,
      });
    }
    groups.set(name, [...(groups.get(name) ?? []), test]);
  }
  return (entry) =>
    [...groups].every(([name, tests]) => (name === "label" ? tests.every((test) => test(entry)) : tests.some((test) => test(entry))));
}
