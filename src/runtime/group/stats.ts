// What a container's groups have counted, in the words of runc's `events`: both versions of cgroups become one document. Pure: the texts of files
// come in.

/** Text of a file of the group of that controller (v1), or of the one group (v2: any controller); undefined where there is none. */
export type ReadGroupFile = (controller: string, file: string) => string | undefined;

interface BlockEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

/** Without a limit runc says the largest number of 64 bits; this is the largest below it that JSON's numbers have here. */
const noLimit = 2 ** 64 - 2 ** 11;

const numberOf = (text: string | undefined): number => (text?.trim() === "max" ? noLimit : Number(text?.trim() || 0) || 0);

/** Lines "key number". */
function fieldsOf(text: string | undefined): Readonly<Record<string, number>> {
  const pairs = (text ?? "").split("\n").flatMap((line) => {
    const match = /^(\S+) (\d+)$/.exec(line);
    return match ? [[match[1] ?? "", Number(match[2])] as const] : [];
  });
  return Object.fromEntries(pairs);
}

export function groupStats(read: ReadGroupFile, isUnified: boolean): object {
  return isUnified ? unifiedStats(read) : legacyStats(read);
}

/** CPU time of v1's cpuacct.stat is in ticks of a hundredth of a second (USER_HZ). */
const tickNanos = 10_000_000;

function legacyStats(read: ReadGroupFile): object {
  const acct = fieldsOf(read("cpuacct", "cpuacct.stat"));
  const throttled = fieldsOf(read("cpu", "cpu.stat"));
  const raw = fieldsOf(read("memory", "memory.stat"));
  const memory = (name: string) => ({
    limit: numberOf(read("memory", `memory.${name}limit_in_bytes`)),
    usage: numberOf(read("memory", `memory.${name}usage_in_bytes`)),
    max: numberOf(read("memory", `memory.${name}max_usage_in_bytes`)),
    failcnt: numberOf(read("memory", `memory.${name}failcnt`)),
  });
  const percpu = (read("cpuacct", "cpuacct.usage_percpu") ?? "").trim().split(/\s+/).filter(Boolean).map(Number);
  return {
    cpu: {
      usage: {
        total: numberOf(read("cpuacct", "cpuacct.usage")),
        percpu,
        kernel: (acct.system ?? 0) * tickNanos,
        user: (acct.user ?? 0) * tickNanos,
      },
      throttling: throttlingOf(throttled, throttled.throttled_time ?? 0),
    },
    memory: {
      cache: raw.cache ?? 0,
      usage: memory(""),
      swap: memory("memsw."),
      kernel: memory("kmem."),
      kernelTCP: memory("kmem.tcp."),
      raw,
    },
    pids: pidsOf(read),
    blkio: {
      ioServiceBytesRecursive: legacyBlock(read("blkio", "blkio.throttle.io_service_bytes_recursive")),
      ioServicedRecursive: legacyBlock(read("blkio", "blkio.throttle.io_serviced_recursive")),
    },
  };
}

const throttlingOf = ({ nr_periods = 0, nr_throttled = 0 }: Readonly<Record<string, number>>, throttledTime: number) => ({
  periods: nr_periods,
  throttledPeriods: nr_throttled,
  throttledTime,
});

const pidsOf = (read: ReadGroupFile) => {
  const limit = read("pids", "pids.max")?.trim();
  return { current: numberOf(read("pids", "pids.current")), ...(limit === undefined || limit === "max" ? {} : { limit: numberOf(limit) }) };
};

/** "8:0 Read 4096" */
function legacyBlock(text: string | undefined): BlockEntry[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const [, major, minor, op = "", value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
    return major === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }];
  });
}

function unifiedStats(read: ReadGroupFile): object {
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
    },
    memory: { cache: raw.file ?? 0, usage: memory("memory"), swap: memory("memory.swap"), raw },
    pids: pidsOf(read),
    blkio: {
      ioServiceBytesRecursive: unifiedBlock(read("io", "io.stat"), { rbytes: "Read", wbytes: "Write" }),
      ioServicedRecursive: unifiedBlock(read("io", "io.stat"), { rios: "Read", wios: "Write" }),
    },
  };
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

/** How often the kernel has ended a process of the group for want of memory. */
export function oomKills(read: ReadGroupFile, isUnified: boolean): number {
  return fieldsOf(read("memory", isUnified ? "memory.events" : "memory.oom_control")).oom_kill ?? 0;
}
