// Writing tar: the header blocks of one entry (ustar, with a pax header where ustar is too small), padding and end mark. Pure.
import type { TarEntry, TarType } from "./tar.ts";

const blockBytes = 512;
const typeflags: Readonly<Record<TarType, string>> = {
  file: "0",
  link: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** What must be said of an entry; the rest has the defaults of a root-owned plain file of 1970. */
export type TarEntryInput = Partial<TarEntry> & Pick<TarEntry, "path" | "type">;

/** Header blocks of an entry. Its data, padded by `tarPadding`, follows. */
export function renderTarHeader(input: TarEntryInput): Buffer {
  const entry = complete(input);
  const records = paxRecords(entry);
  if (records.length === 0) return renderBlock(entry, typeflags[entry.type], entry.sizeBytes);
  const pax = Buffer.concat(records);
  const carrier = { ...complete({ path: "PaxHeader/entry", type: "file" }), mode: 0o644 };
  return Buffer.concat([
    renderBlock(carrier, "x", pax.length),
    pax,
    tarPadding(pax.length),
    renderBlock(entry, typeflags[entry.type], entry.sizeBytes),
  ]);
}

/** Zeros up to the next block. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}

/** The end mark: two blocks of zeros. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * blockBytes);
}

function complete(input: TarEntryInput): TarEntry {
  const mode = input.type === "directory" ? 0o755 : input.type === "symlink" ? 0o777 : 0o644;
  return { mode, uid: 0, gid: 0, sizeBytes: 0, mtimeSeconds: 0, linkPath: "", major: 0, minor: 0, xattrs: new Map(), ...input };
}

function paxRecords(entry: TarEntry): Buffer[] {
  const records: Buffer[] = [];
  const add = (key: string, value: Buffer | string) =>
    records.push(paxRecord(key, typeof value === "string" ? Buffer.from(value, "latin1") : value));
  if (entry.path.length > 100) add("path", entry.path);
  if (entry.linkPath.length > 100) add("linkpath", entry.linkPath);
  if (entry.sizeBytes >= 8 ** 11) add("size", String(entry.sizeBytes));
  if (entry.uid >= 8 ** 7) add("uid", String(entry.uid));
  if (entry.gid >= 8 ** 7) add("gid", String(entry.gid));
  if (!Number.isInteger(entry.mtimeSeconds) || entry.mtimeSeconds < 0 || entry.mtimeSeconds >= 8 ** 11)
    add("mtime", String(entry.mtimeSeconds));
  for (const [name, value] of entry.xattrs) add(`SCHILY.xattr.${name}`, value);
  return records;
}

/** The length counts its own digits. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length++;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from("\n")]);
}

function renderBlock(entry: TarEntry, typeflag: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, digits: number) => {
    const fits = Number.isInteger(value) && value >= 0 && value < 8 ** digits;
    block.write(fits ? value.toString(8).padStart(digits, "0") : "0".repeat(digits), at, "latin1");
  };
  block.write(entry.path.slice(0, 100), 0, "latin1");
  octal(entry.mode, 100, 7);
  octal(entry.uid, 108, 7);
  octal(entry.gid, 116, 7);
  octal(sizeBytes, 124, 11);
  octal(Math.floor(entry.mtimeSeconds), 136, 11);
  block.write(typeflag, 156, "latin1");
  block.write(entry.linkPath.slice(0, 100), 157, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  octal(entry.major, 329, 7);
  octal(entry.minor, 337, 7);
  block.fill(" ", 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0`,
    148,
    "latin1",
  );
  return block;
}
