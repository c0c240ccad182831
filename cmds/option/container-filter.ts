// docker ps --filter: conditions on containers; the same key may be given again (any of them), different keys must all hold.
import { TsnsError } from "../../src/base/error.ts";
import type { ContainerState } from "../../src/container/record.ts";

type Test = (state: ContainerState, value: string) => boolean;

const tests: Readonly<Record<string, Test>> = {
  id: ({ record }, value) => record.id.startsWith(value),
  name: ({ record }, value) => new RegExp(value).test(`/${record.name}`) || record.name.includes(value),
  status: ({ status }, value) => status === value,
  ancestor: ({ record }, value) =>
    [record.spec.imageName, record.spec.imageName.replace(/:[^/]*$/, ""), record.spec.imageId].includes(value) ||
    record.spec.imageId.startsWith(`sha256:${value}`),
  label: ({ record }, value) => {
    const at = value.indexOf("=");
    const key = at < 0 ? value : value.slice(0, at);
    return Object.hasOwn(record.spec.labels, key) && (at < 0 || record.spec.labels[key] === value.slice(at + 1));
  },
  exited: ({ status, record }, value) => status === "exited" && `${record.exit?.exitCode}` === value,
};

/** One predicate of all filters. Throws invalid for an unknown key or a broken expression. */
export function parseFilters(filters: readonly string[]): (state: ContainerState) => boolean {
  const groups = new Map<string, string[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const key = filter.slice(0, Math.max(at, 0));
    if (!Object.hasOwn(tests, key)) {
      throw new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, {
        hint: `write KEY=VALUE with ${Object.keys(tests).join(", ")}`,
      });
    }
    const value = filter.slice(at + 1);
    if (key === "name") checkExpression(value);
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return (state) => [...groups].every(([key, values]) => values.some((value) => tests[key]?.(state, value)));
}

function checkExpression(text: string): void {
  try {
    new RegExp(text);
  } catch (error) {
    throw new TsnsError("invalid", "bad-filter", `invalid filter 'name=${text}': no regular expression`, { cause: error });
  }
}
