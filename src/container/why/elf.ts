// What a program file says of itself: its machine, its loader, the libraries it needs (elf(5)), or the interpreter of a script. Pure.

export type ProgramKind = "elf" | "script" | "empty" | "other";

export interface ProgramFile {
  readonly kind: ProgramKind;
  /** e_machine of an ELF file. */
  readonly machine?: number;
  /** The loader of a dynamic program, or what stands behind #!. */
  readonly interpreter?: string;
  readonly needed: readonly string[];
  /** Directories it wants its libraries looked for in first. */
  readonly runPaths: readonly string[];
}

const none = { needed: [], runPaths: [] } as const;

/** Machines as elf.h numbers them, in Node's words. */
export const machines: Readonly<Record<number, string>> = {
  3: "ia32",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  21: "ppc64",
  22: "s390x",
};

/** Never throws: what is cut short or foreign has fewer members. */
export function parseProgram(file: Buffer): ProgramFile {
  if (file.length === 0) return { kind: "empty", ...none };
  if (file[0] === 0x23 && file[1] === 0x21) {
    const line = file.subarray(2, 258).toString("latin1").split("\n", 1)[0] ?? "";
    const [interpreter] = line.replace(/\r$/, "\\r").trim().split(/[ \t]/);
    return { kind: "script", ...(interpreter ? { interpreter } : {}), ...none };
  }
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) return { kind: "other", ...none };
  try {
    return parseElf(file);
  } catch (error) {
    if (error instanceof RangeError) return { kind: "elf", ...none };
    throw error;
  }
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

interface Reader {
  readonly half: (at: number) => number;
  readonly word: (at: number) => number;
  /** An address: 4 or 8 bytes. */
  readonly long: (at: number) => number;
  readonly wide: boolean;
}

function readerOf(file: Buffer): Reader {
  const little = file[5] === 1;
  const wide = file[4] === 2;
  const word = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  return {
    half: (at) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at)),
    word,
    long: (at) => (wide ? Number(little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at)) : word(at)),
    wide,
  };
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;

function segmentsOf({ half, word, long, wide }: Reader): Segment[] {
  const table = long(wide ? 32 : 28);
  const size = half(wide ? 54 : 42);
  const count = Math.min(half(wide ? 56 : 44), 256);
  return Array.from({ length: count }, (_, number) => {
    const at = table + number * size;
    return {
      type: word(at),
      offset: long(at + (wide ? 8 : 4)),
      address: long(at + (wide ? 16 : 8)),
      size: long(at + (wide ? 32 : 16)),
    };
  });
}

function parseElf(file: Buffer): ProgramFile {
  const reader = readerOf(file);
  const segments = segmentsOf(reader);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  return {
    kind: "elf",
    machine: reader.half(18),
    ...(interpreter ? { interpreter: textAt(file, interpreter.offset) } : {}),
    ...(dynamic ? readDynamic(file, reader, segments, dynamic) : none),
  };
}

const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

function readDynamic(
  file: Buffer,
  { long, wide }: Reader,
  segments: readonly Segment[],
  dynamic: Segment,
): Pick<ProgramFile, "needed" | "runPaths"> {
  const step = wide ? 16 : 8;
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size && entries.length < 4096; at += step) {
    const entry = { tag: long(at), value: long(at + step / 2) };
    if (entry.tag === 0) break;
    entries.push(entry);
  }
  const address = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
  const home = segments.find(({ type, address: from, size }) => type === PT_LOAD && address >= from && address < from + size);
  if (!home) return none;
  const strings = home.offset + address - home.address;
  const texts = (...tags: readonly number[]) =>
    entries.filter(({ tag }) => tags.includes(tag)).map(({ value }) => textAt(file, strings + value));
  return {
    needed: texts(DT_NEEDED),
    runPaths: texts(DT_RPATH, DT_RUNPATH)
      .flatMap((list) => list.split(":"))
      .filter((path) => path !== ""),
  };
}

function textAt(file: Buffer, at: number): string {
  if (at < 0 || at >= file.length) return "";
  const end = file.indexOf(0, at);
  return file.toString("latin1", at, Math.min(end < 0 ? file.length : end, at + 4096));
}
