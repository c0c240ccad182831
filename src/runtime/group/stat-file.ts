// What both versions of a container's counters have in common: how files are read, and what is alike in them. Pure.

/** Text of a file of the group of that controller (v1), or of the one group (v2: any controller); undefined where there is none. */
export type ReadGroupFile = (controller: string, file: string) => string | undefined;

export interface BlockEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

/** Without a limit runc says the largest number of 64 bits; this is the largest below it that JSON's numbers have here. */
export const noLimit = 2 ** 64 - 2 ** 11;

export const numberOf = (text: string | undefined): number => (text?.trim() === "max" ? noLimit : Number(text?.trim() || 0) || 0);

/** Lines "key number". */
export function fieldsOf(text: string | undefined): Readonly<Record<string, number>> {
  const pairs = (text ?? "").split("\n").flatMap((line) => {
    const match = /^(\S+) (\d+)$/.exec(line);
    return match ? [[match[1] ?? "", Number(match[2])] as const] : [];
  });
  return Object.fromEntries(pairs);
}

export const throttlingOf = ({ nr_periods = 0, nr_throttled = 0 }: Readonly<Record<string, number>>, throttledTime: number) => ({
  periods: nr_periods,
  throttledPeriods: nr_throttled,
  throttledTime,
});

export const pidsOf = (read: ReadGroupFile) => {
  const limit = read("pids", "pids.max")?.trim();
  return { current: numberOf(read("pids", "pids.current")), ...(limit === undefined || limit === "max" ? {} : { limit: numberOf(limit) }) };
};

/** Those that a kernel may have; what has no file is no size of this one. */
const pageSizes = ["64KB", "1MB", "2MB", "8MB", "16MB", "32MB", "256MB", "512MB", "1GB", "2GB", "16GB"];

/** Use of huge pages by size; `files`: what usage, its maximum and refusals are called behind `hugetlb.SIZE.`. */
export const hugetlbOf = (read: ReadGroupFile, files: { readonly usage: string; readonly max?: string; readonly failcnt: string }) =>
  Object.fromEntries(
    pageSizes.flatMap((size) => {
      const usage = read("hugetlb", `hugetlb.${size}.${files.usage}`);
      if (usage === undefined) return [];
      const refused = read("hugetlb", `hugetlb.${size}.${files.failcnt}`);
      const max = files.max === undefined ? {} : { max: numberOf(read("hugetlb", `hugetlb.${size}.${files.max}`)) };
      return [[size, { usage: numberOf(usage), ...max, failcnt: fieldsOf(refused).max ?? numberOf(refused) }]];
    }),
  );
