// Words about the rows that an action is for. Pure.
import type { Chosen } from "../model/part.ts";

export const references = (rows: readonly Chosen[]): readonly string[] => rows.map(({ reference }) => reference);

/** `web`, or `3 containers`. */
export const some = (rows: readonly Chosen[]): string => {
  const [first] = rows;
  return rows.length === 1 && first ? first.reference : `${rows.length} ${first?.kind ?? "row"}s`;
};

/** Why there must be rows. */
export const needsRows = (rows: readonly Chosen[]): string | undefined => (rows.length === 0 ? "nothing is chosen" : undefined);

/** Why there must be one row alone. */
export const needsOne = (rows: readonly Chosen[]): string | undefined =>
  needsRows(rows) ?? (rows.length > 1 ? "for one at a time" : undefined);

/** What is hit, for a question. */
export const hitsOf = (rows: readonly Chosen[]): readonly string[] => (rows.length > 1 ? references(rows) : []);
