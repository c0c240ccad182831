// Ranges of ids that a user of the host was given for user namespaces: subuid(5), subgid(5). Pure.

export interface IdRange {
  readonly first: number;
  readonly count: number;
}

/** The first range of a user, whose line has the name or the number; undefined when there is none that can be used. */
export function findSubordinateIds(text: string, names: readonly string[]): IdRange | undefined {
  for (const line of text.split("\n")) {
    const [owner = "", first = "", count = "", ...more] = line.trim().split(":");
    if (more.length > 0 || !names.includes(owner) || !/^\d{1,10}$/.test(first) || !/^\d{1,10}$/.test(count)) continue;
    const range = { first: Number(first), count: Number(count) };
    // the last id of 32 bits is none (-1)
    if (range.first > 0 && range.count > 0 && range.first + range.count <= 2 ** 32 - 1) return range;
  }
  return undefined;
}
