// The list format of cpuset(7): "0-2,4". Numbers only; whether they exist on a host is asked elsewhere.

/** More than any Linux build has CPUs (CONFIG_NR_CPUS is at most 8192), so that "0-4000000000" can't fill memory. */
const most = 8192;

/** The numbers of a list in ascending order without doubles, or undefined if it is no list. An empty text is the empty list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const numbers = new Set<number>();
  for (const part of trimmed.split(",")) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (!range) return undefined;
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (last < first || last >= most) return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}
