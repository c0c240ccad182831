// The columns that every list of changed paths begins with: `image diff`, `layer diff`. Their sizes differ in meaning.
import type { Field } from "../../src/base/listing.ts";

interface PathChange {
  readonly kind: "added" | "changed" | "deleted";
  readonly path: string;
  readonly type: string;
}

/** docker diff's letters. */
const letters = { added: "A", changed: "C", deleted: "D" } as const;

export const pathChangeFields: readonly Field<PathChange>[] = [
  { name: "Kind", header: "Change", value: ({ kind }) => letters[kind] },
  { name: "Path", header: "Path", value: ({ path }) => path },
  { name: "Type", header: "Type", value: ({ type }) => type },
];
