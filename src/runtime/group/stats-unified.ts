// Counters of cgroup v2, in the words of v1 where there are any. Pure.
import { type BlockEntry, fieldsOf, hugetlbOf, numberOf, pidsOf, type ReadGroupFile, throttlingOf } from "./stat-file.ts";

export function unifiedStats(read: ReadGroupFile): object {
  const cpu = fieldsOf(read("cpu", "cpu.stat"));
  const raw = fieldsOf(read("memory", "memory.stat"));
  const memory = (name: string) => ({
    limit: numberOf(read("memory", `${name}.max`)),
    usage: numberOf(read("memory", `${name}.current`)),
    max: numberOf(read("memory", `${name}.peak`)),
    failcnt: 0,
  });
  const nanos = (micros: number | undefined) => (micros ?? 0) * 1000;
  return {
    cpu: {
      usage: { total: nanos(cpu.usage_usec), kernel: nanos(cpu.system_usec), user: nanos(cpu.user_usec) },
      throttling: throttlingOf(cpu, nanos(cpu.throttled_usec)),
      ...pressureOf(read("cpu", "cpu.pressure")),
    },
    memory: {
      cache: raw.file ?? 0,
      usage: memory("memory"),
      swap: memory("memory.swap"),
      raw,
      ...pressureOf(read("memory", "memory.pressure")),
    },
    pids: pidsOf(read),
    hugetlb: hugetlbOf(read, { usage: "current", failcnt: "events" }),
    blkio: {
      ioServiceBytesRecursive: unifiedBlock(read("io", "io.stat"), { rbytes: "Read", wbytes: "Write" }),
      ioServicedRecursive: unifiedBlock(read("io", "io.stat"), { rios: "Read", wios: "Write" }),
      ...pressureOf(read("io", "io.pressure")),
    },
  };
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", the same of "full" (Documentation/accounting/psi.rst). */
function pressureOf(text: string | undefined) {
  const lines = (text ?? "").split("\n").flatMap((line) => {
    const [word = "", ...pairs] = line.split(" ");
    const values = pairs.map((pair) => pair.split("=")).map(([name = "", value]) => [name, Number(value)] as const);
    return word === "some" || word === "full" ? [[word, Object.fromEntries(values)] as const] : [];
  });
  return lines.length === 0 ? {} : { psi: Object.fromEntries(lines) };
}

/** "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 ..." */
function unifiedBlock(text: string | undefined, names: Readonly<Record<string, string>>): BlockEntry[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const [, major, minor, rest = ""] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (major === undefined) return [];
    return rest.split(" ").flatMap((word) => {
      const [name = "", value] = word.split("=");
      const op = Object.hasOwn(names, name) ? names[name] : undefined;
      return op === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }];
    });
  });
}
