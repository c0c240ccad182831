// Counters of cgroup v1. Pure.
import { parseCpuList } from "../../cgroup/cpuset.ts";
import { type BlockEntry, fieldsOf, hugetlbOf, numberOf, pidsOf, type ReadGroupFile, throttlingOf } from "./stat-file.ts";

/** CPU time of v1's cpuacct.stat is in ticks of a hundredth of a second (USER_HZ). */
const tickNanos = 10_000_000;

export function legacyStats(read: ReadGroupFile): object {
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
        ...percpuOf(read("cpuacct", "cpuacct.usage_all")),
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
    cpuset: cpusetOf(read),
    hugetlb: hugetlbOf(read, { usage: "usage_in_bytes", max: "max_usage_in_bytes", failcnt: "failcnt" }),
    blkio: {
      ioServiceBytesRecursive: legacyBlock(read("blkio", "blkio.throttle.io_service_bytes_recursive")),
      ioServicedRecursive: legacyBlock(read("blkio", "blkio.throttle.io_serviced_recursive")),
    },
  };
}

/** Lines "cpu user system" after a title, in nanoseconds. */
function percpuOf(text: string | undefined) {
  const rows = (text ?? "").split("\n").flatMap((line) => {
    const [, user, kernel] = /^\d+ (\d+) (\d+)$/.exec(line) ?? [];
    return user === undefined ? [] : [{ user: Number(user), kernel: Number(kernel) }];
  });
  return rows.length === 0 ? {} : { percpu_user: rows.map(({ user }) => user), percpu_kernel: rows.map(({ kernel }) => kernel) };
}

const cpusetNumbers = [
  ...["cpu_exclusive", "mem_exclusive", "mem_hardwall", "memory_migrate", "memory_pressure", "memory_spread_page"],
  ...["memory_spread_slab", "sched_load_balance", "sched_relax_domain_level"],
];

function cpusetOf(read: ReadGroupFile) {
  const list = (name: string) => parseCpuList(read("cpuset", `cpuset.${name}`) ?? "") ?? [];
  const numbers = cpusetNumbers.map((name) => [name, numberOf(read("cpuset", `cpuset.${name}`))]);
  return { cpus: list("cpus"), mems: list("mems"), ...Object.fromEntries(numbers) };
}

/** "8:0 Read 4096" */
function legacyBlock(text: string | undefined): BlockEntry[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const [, major, minor, op = "", value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
    return major === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }];
  });
}
