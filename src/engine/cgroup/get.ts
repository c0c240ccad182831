// The limits of a group as words with their values.

import { hierarchyOf } from "../../cgroup/hierarchy.ts";
import { type LimitWord, limitWords, renderLimit } from "../../cgroup/limit.ts";
import type { Engine } from "../engine.ts";
import { findGroup } from "./find.ts";
import { readLimits } from "./list.ts";

export interface LimitView {
  readonly word: LimitWord;
  /** For people: 512MiB. */
  readonly value: string;
  /** Bytes as a number; "unlimited" without limit. */
  readonly exact: string;
  readonly controller: string;
  readonly version: "v1" | "v2";
}

/** All words the group has a value for. Throws not-found. */
export function readLimitViews(engine: Engine, reference: string): { readonly path: string; readonly limits: readonly LimitView[] } {
  const { path, present } = findGroup(engine, reference);
  const limits = readLimits(present, path);
  const views = (Object.keys(limitWords) as LimitWord[]).flatMap((word): LimitView[] => {
    const value = renderLimit(word, limits);
    const hierarchy = hierarchyOf(present, limitWords[word]);
    if (value === undefined || !hierarchy) return [];
    const controller = hierarchy.version === "v2" && limitWords[word] === "blkio" ? "io" : limitWords[word];
    return [{ word, value: value || "-", exact: renderLimit(word, limits, true) ?? "", controller, version: hierarchy.version }];
  });
  return { path, limits: views };
}
