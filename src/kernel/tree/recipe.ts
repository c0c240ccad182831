// A layer's tar without the data of its files: what is needed, beside the unpacked tree, to write exactly the same tar again. Headers,
// padding and end marks are kept as they came, compressed; of each file only its path and size. The reader is recipe-read.ts.
// Format: blocks of (4 bytes length, 4 bytes packed length, zstd frame), then the index as JSON, its length (4 bytes), the mark.
// In the blocks: 1, length, bytes (literal) or 2, length, path, length (data of that file); lengths are LEB128.
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { constants as zlib, zstdCompressSync } from "node:zlib";
import { removeTree } from "./remove.ts";
import { fsError, type InnerPath } from "./resolve.ts";

export const recipeMark = "tsnsrcp1";
export const literalTag = 1;
export const dataTag = 2;

/** Most bytes of a block, before it is packed. */
export const blockBytes = 1 << 20;
const literalBytesMax = 64 << 10;

/** A tree that a later entry of the same tar replaced: files named before the `before`th are found below it. */
export interface Displaced {
  readonly before: number;
  readonly path: InnerPath;
  /** Name in the directory of what was displaced. */
  readonly to: string;
}

export interface RecipeIndex {
  readonly tarBytes: number;
  readonly displaced: readonly Displaced[];
}

export interface RecipeWriter {
  /** Bytes of the tar that are nobody's data. */
  literal(bytes: Buffer): void;
  /** The next bytes are data of the file at `path`. */
  data(path: InnerPath, sizeBytes: number): void;
  /** Moves what is at `full` aside, because another entry takes its place. */
  displace(path: InnerPath, full: string | Buffer): void;
  finish(): void;
  /** Closes and removes. */
  abandon(): void;
}

/** Where a staged or placed recipe keeps what was displaced. */
export const displacedDirectory = (recipe: string): string => recipe.replace(/\.recipe$/, ".displaced");

/** Begins a recipe in a new file. Throws KernelError naming it. */
export function openRecipeWriter(path: string): RecipeWriter {
  const output = openBlocks(path);
  const literals = Buffer.allocUnsafe(literalBytesMax);
  const displaced: Displaced[] = [];
  let literalBytes = 0;
  let tarBytes = 0;
  let files = 0;
  let current: { readonly path: InnerPath; sizeBytes: number } | undefined;

  const flushLiterals = (): void => {
    if (literalBytes === 0) return;
    output.byte(literalTag);
    output.length(literalBytes);
    output.bytes(literals.subarray(0, literalBytes));
    literalBytes = 0;
  };
  const flushData = (): void => {
    if (!current) return;
    const name = Buffer.from(current.path, "latin1");
    output.byte(dataTag);
    output.length(name.length);
    output.bytes(name);
    output.length(current.sizeBytes);
    current = undefined;
    files++;
  };
  return {
    literal(bytes) {
      flushData();
      tarBytes += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const taken = bytes.copy(literals, literalBytes, at);
        literalBytes += taken;
        at += taken;
        if (literalBytes === literalBytesMax) flushLiterals();
      }
    },
    data(of, sizeBytes) {
      flushLiterals();
      tarBytes += sizeBytes;
      if (current?.path !== of) flushData();
      if (current) current.sizeBytes += sizeBytes;
      else current = { path: of, sizeBytes };
    },
    displace(of, full) {
      flushData();
      const directory = displacedDirectory(path);
      if (displaced.length === 0) mkdirSync(directory, { mode: 0o700 });
      const to = String(displaced.length);
      renameSync(full, `${directory}/${to}`);
      displaced.push({ before: files, path: of, to });
    },
    finish() {
      flushData();
      flushLiterals();
      const index: RecipeIndex = { tarBytes, displaced };
      output.close(JSON.stringify(index));
    },
    abandon() {
      output.abandon();
      rmSync(path, { force: true });
      removeTree(displacedDirectory(path), { within: path.slice(0, path.lastIndexOf("/")) });
    },
  };
}

/** The file of blocks: raw bytes in, packed blocks out. */
function openBlocks(path: string) {
  let fd = openFile(path);
  const raw = Buffer.allocUnsafe(blockBytes);
  let used = 0;
  const write = (bytes: Buffer): void => {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } catch (error) {
      throw fsError("write", error, path);
    }
  };
  const flush = (): void => {
    if (used === 0) return;
    const packed = zstdCompressSync(raw.subarray(0, used), { params: { [zlib.ZSTD_c_compressionLevel]: 1 } });
    const head = Buffer.alloc(8);
    head.writeUInt32LE(used, 0);
    head.writeUInt32LE(packed.length, 4);
    write(head);
    write(packed);
    used = 0;
  };
  const bytes = (piece: Buffer): void => {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.copy(raw, used, at);
      used += taken;
      at += taken;
      if (used === blockBytes) flush();
    }
  };
  const byte = (value: number): void => {
    raw[used++] = value;
    if (used === blockBytes) flush();
  };
  const end = (): void => {
    if (fd >= 0) closeSync(fd);
    fd = -1;
  };
  return {
    byte,
    bytes,
    length(value: number) {
      let left = value;
      for (; left >= 0x80; left = Math.floor(left / 0x80)) byte((left % 0x80) | 0x80);
      byte(left);
    },
    close(index: string) {
      flush();
      const text = Buffer.from(index);
      const tail = Buffer.alloc(4);
      tail.writeUInt32LE(text.length);
      write(Buffer.concat([text, tail, Buffer.from(recipeMark)]));
      end();
    },
    abandon: end,
  };
}

function openFile(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    throw fsError("open", error, path);
  }
}
