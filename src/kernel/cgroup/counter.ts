// The counters of a container's groups, read again and again: each file is opened once and read from its start by pread(2), which makes
// kernfs render it anew. Numbers are picked out of the bytes; no text is made of them.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { CgroupDirectories } from "./process.ts";

/** As they are now, since the group was made. What a missing controller would count is 0. */
export interface GroupCounters {
  /** docker's: without the file cache the kernel would drop first (inactive_file). */
  readonly memoryBytes: number;
  readonly throttledNanos: number;
  readonly pids: number;
  readonly blockReadBytes: number;
  readonly blockWriteBytes: number;
  readonly oomKills: number;
  /** v2 alone: share of the last ten seconds in which something in it had to wait, percent. */
  readonly pressure?: { readonly cpu: number; readonly memory: number; readonly io: number };
}

export interface GroupLimits {
  /** Infinity: none. */
  readonly memoryBytes: number;
  /** 0: none. */
  readonly pids: number;
}

export interface GroupFiles {
  /** CPU time of the group, nanoseconds, always 0 where nothing counts it; undefined when the group has gone. */
  readCpuNanos(): number | undefined;
  readCounters(): GroupCounters;
  readLimits(): GroupLimits;
  close(): void;
}

/** How many descriptors may be kept; one file more is opened, read and closed each time. */
export interface DescriptorRoom {
  left: number;
}

/** Room for descriptors: half of what this process may open (RLIMIT_NOFILE), and no more than a few thousand. */
export function descriptorRoom(): DescriptorRoom {
  const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return { left: Math.min(limit === undefined ? mostDescriptors : Math.floor(Number(limit) / 2), mostDescriptors) };
}

const mostDescriptors = 4096;

/** The longest file that is read, io.stat of a host with many disks; a longer one is cut off. */
const buffer = Buffer.allocUnsafe(1 << 16);

interface CounterFile {
  /** Bytes in `buffer`; 0 when there is no such file (any more). */
  read(): number;
  close(): void;
}

function openFile(path: string | undefined, room: DescriptorRoom): CounterFile {
  let descriptor: number | undefined;
  let isMissing = path === undefined;
  const close = () => {
    if (descriptor === undefined) return;
    closeSync(descriptor);
    room.left++;
    descriptor = undefined;
  };
  return {
    close,
    read() {
      if (isMissing || path === undefined) return 0;
      try {
        const from = descriptor ?? openSync(path, "r");
        if (descriptor === undefined && room.left > 0) {
          descriptor = from;
          room.left--;
        }
        try {
          return readSync(from, buffer, 0, buffer.length, 0);
        } finally {
          if (from !== descriptor) closeSync(from);
        }
      } catch (error) {
        // ENODEV: the group was removed; EOPNOTSUPP: pressure that is not counted (psi=0)
        if (!isErrno(error, "ENOENT", "ENODEV", "EOPNOTSUPP", "EACCES")) throw error;
        close();
        isMissing = true;
        return 0;
      }
    },
  };
}

const digit = { zero: 48, nine: 57, dot: 46 } as const;

/** The number that begins at a place; NaN where none does. */
function numberAt(at: number, end: number): number {
  let value = 0;
  let place = at;
  for (; place < end; place++) {
    const code = buffer[place] ?? 0;
    if (code < digit.zero || code > digit.nine) break;
    value = value * 10 + (code - digit.zero);
  }
  return place === at ? Number.NaN : value;
}

/** A file of one number; `max` is Infinity. */
function soleNumber(length: number): number {
  if (length === 0) return 0;
  const value = numberAt(0, length);
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

/** The number behind a word at the start of a line, 0 where there is none. `key` ends with the space or equals sign in between. */
function lineValue(key: string, length: number): number {
  const text = buffer.subarray(0, length);
  for (let at = text.indexOf(key, 0, "latin1"); at >= 0; at = text.indexOf(key, at + 1, "latin1")) {
    if (at === 0 || buffer[at - 1] === 10) return numberAt(at + key.length, length) || 0;
  }
  return 0;
}

/** The sum of the numbers behind a word, wherever it stands. */
function sumOf(key: string, length: number): number {
  let sum = 0;
  const text = buffer.subarray(0, length);
  for (let at = text.indexOf(key, 0, "latin1"); at >= 0; at = text.indexOf(key, at + key.length, "latin1")) {
    sum += numberAt(at + key.length, length) || 0;
  }
  return sum;
}

/** `some avg10=1.25 ...` (Documentation/accounting/psi.rst). */
function pressureOf(length: number): number {
  const at = buffer.subarray(0, length).indexOf("some avg10=", 0, "latin1");
  if (at < 0) return 0;
  return Number.parseFloat(buffer.toString("latin1", at + 11, Math.min(at + 20, length))) || 0;
}

const withoutCache = (usedBytes: number, inactiveBytes: number): number =>
  inactiveBytes < usedBytes ? usedBytes - inactiveBytes : usedBytes;

/** Opens nothing before it is read. */
export function openGroupFiles(directories: CgroupDirectories, room: DescriptorRoom): GroupFiles {
  return directories.unified === undefined ? openLegacy(directories, room) : openUnified(directories.unified, room);
}

function openLegacy({ memory, cpu, cpuacct, pids, blkio }: CgroupDirectories, room: DescriptorRoom): GroupFiles {
  const file = (directory: string | undefined, name: string) => openFile(directory && `${directory}/${name}`, room);
  const files = {
    usage: file(cpuacct, "cpuacct.usage"),
    memory: file(memory, "memory.usage_in_bytes"),
    stat: file(memory, "memory.stat"),
    oom: file(memory, "memory.oom_control"),
    cpuStat: file(cpu, "cpu.stat"),
    pids: file(pids, "pids.current"),
    throttleIo: file(blkio, "blkio.throttle.io_service_bytes_recursive"),
    bfqIo: file(blkio, "blkio.bfq.io_service_bytes_recursive"),
  };
  // Read seldom: no descriptor is worth keeping.
  const limits = { memory: file(memory, "memory.limit_in_bytes"), pids: file(pids, "pids.max") };
  return {
    readCpuNanos() {
      if (cpuacct === undefined) return 0;
      const length = files.usage.read();
      return length === 0 ? undefined : soleNumber(length);
    },
    readCounters() {
      const used = soleNumber(files.memory.read());
      const inactive = lineValue("total_inactive_file ", files.stat.read());
      const oomKills = lineValue("oom_kill ", files.oom.read());
      const throttledNanos = lineValue("throttled_time ", files.cpuStat.read());
      const count = soleNumber(files.pids.read());
      // The same bytes are counted in the throttle policy and in BFQ, each only while it is in use.
      const [throttle, bfq] = [files.throttleIo, files.bfqIo].map((io) => {
        const length = io.read();
        return { read: sumOf(" Read ", length), written: sumOf(" Write ", length) };
      });
      return {
        memoryBytes: withoutCache(used, inactive),
        throttledNanos,
        pids: count,
        blockReadBytes: Math.max(throttle?.read ?? 0, bfq?.read ?? 0),
        blockWriteBytes: Math.max(throttle?.written ?? 0, bfq?.written ?? 0),
        oomKills,
      };
    },
    readLimits: () => readLimits(limits),
    close: () => closeAll(files),
  };
}

function openUnified(directory: string, room: DescriptorRoom): GroupFiles {
  const file = (name: string) => openFile(`${directory}/${name}`, room);
  const files = {
    cpuStat: file("cpu.stat"),
    memory: file("memory.current"),
    stat: file("memory.stat"),
    events: file("memory.events"),
    pids: file("pids.current"),
    io: file("io.stat"),
    cpuPressure: file("cpu.pressure"),
    memoryPressure: file("memory.pressure"),
    ioPressure: file("io.pressure"),
  };
  const limits = { memory: file("memory.max"), pids: file("pids.max") };
  let throttledNanos = 0;
  return {
    readCpuNanos() {
      const length = files.cpuStat.read();
      if (length === 0) return undefined;
      throttledNanos = lineValue("throttled_usec ", length) * 1000;
      return lineValue("usage_usec ", length) * 1000;
    },
    readCounters() {
      const used = soleNumber(files.memory.read());
      const inactive = lineValue("inactive_file ", files.stat.read());
      const oomKills = lineValue("oom_kill ", files.events.read());
      const count = soleNumber(files.pids.read());
      const io = files.io.read();
      const [blockReadBytes, blockWriteBytes] = [sumOf(" rbytes=", io), sumOf(" wbytes=", io)];
      const cpuLength = files.cpuPressure.read();
      const cpu = pressureOf(cpuLength);
      const [memory = 0, wait = 0] = [files.memoryPressure, files.ioPressure].map((one) => pressureOf(one.read()));
      return {
        memoryBytes: withoutCache(used, inactive),
        throttledNanos,
        pids: count,
        blockReadBytes,
        blockWriteBytes,
        oomKills,
        ...(cpuLength > 0 ? { pressure: { cpu, memory, io: wait } } : {}),
      };
    },
    readLimits: () => readLimits(limits),
    close: () => closeAll(files),
  };
}

function readLimits(files: { readonly memory: CounterFile; readonly pids: CounterFile }): GroupLimits {
  const memoryLength = files.memory.read();
  const memoryBytes = memoryLength === 0 ? Number.POSITIVE_INFINITY : soleNumber(memoryLength);
  const pids = soleNumber(files.pids.read());
  closeAll(files);
  return { memoryBytes, pids: Number.isFinite(pids) ? pids : 0 };
}

function closeAll(files: Readonly<Record<string, CounterFile>>): void {
  for (const file of Object.values(files)) file.close();
}
