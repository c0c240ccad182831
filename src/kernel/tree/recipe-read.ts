// Writes a layer's tar again from its recipe (recipe.ts) and its unpacked tree: the same bytes, verified against the diff id while they
// are handed out. Knows no store.
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { isErrno, TsnsError } from "../../base/error.ts";
import { isObject } from "../../base/json.ts";
import { toByteString, toFsPath, toText } from "./path.ts";
import { blockBytes, type Displaced, dataTag, displacedDirectory, literalTag, type RecipeIndex, recipeMark } from "./recipe.ts";
import type { InnerPath } from "./resolve.ts";

const outputBytes = 512 << 10;
const tailBytes = 4 + recipeMark.length;

export interface RecipePlace {
  readonly recipe: string;
  /** The unpacked layer. */
  readonly directory: string;
  /** `sha256:<hex>` of the tar. */
  readonly diffId: string;
}

/** Size of the tar in bytes; undefined when there is no recipe. Throws TsnsError invalid `recipe-damaged`. */
export function readRecipeIndex(recipe: string): RecipeIndex | undefined {
  const fd = tryOpen(recipe);
  if (fd === undefined) return undefined;
  try {
    return readIndex(fd, recipe).index;
  } finally {
    closeSync(fd);
  }
}

/** The tar. Throws TsnsError invalid `layer-changed` when what comes out is not what once went in, at the latest before the last bytes. */
export async function* readRecipe(place: RecipePlace): AsyncGenerator<Buffer> {
  const { recipe, directory, diffId } = place;
  const fd = tryOpen(recipe);
  if (fd === undefined) throw damaged(recipe);
  const hash = createHash("sha256");
  let held: Buffer | undefined;
  try {
    const { index, blocksEnd } = readIndex(fd, recipe);
    const locate = openLocator(directory, displacedDirectory(recipe), index.displaced);
    for (const piece of joinPieces(readOperations(fd, blocksEnd, recipe), locate, place)) {
      hash.update(piece);
      if (held) yield held;
      held = piece;
    }
  } finally {
    closeSync(fd);
  }
  if (`sha256:${hash.digest("hex")}` !== diffId) throw changed(diffId, "its tar is not the one it came from");
  if (held) yield held;
}

type Operation = { readonly literal: Buffer } | { readonly path: InnerPath; readonly sizeBytes: number };

function* readOperations(fd: number, blocksEnd: number, recipe: string): Generator<Operation> {
  let rest: Buffer = Buffer.alloc(0);
  for (const block of readBlocks(fd, blocksEnd, recipe)) {
    const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
    let at = 0;
    for (let next = parseOperation(bytes, at); next; next = parseOperation(bytes, at)) {
      at = next.end;
      yield next.operation;
    }
    rest = bytes.subarray(at);
  }
  if (rest.length > 0) throw damaged(recipe);
}

/** Undefined when the bytes end within it. */
function parseOperation(bytes: Buffer, start: number): { readonly operation: Operation; readonly end: number } | undefined {
  const tag = bytes[start];
  const length = parseLength(bytes, start + 1);
  if (tag === undefined || !length) return undefined;
  const end = length.end + length.value;
  if (end > bytes.length) return undefined;
  const content = bytes.subarray(length.end, end);
  if (tag === literalTag) return { operation: { literal: content }, end };
  const size = parseLength(bytes, end);
  if (tag !== dataTag) throw damaged("the recipe");
  return size && { operation: { path: content.toString("latin1"), sizeBytes: size.value }, end: size.end };
}

function parseLength(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = start, factor = 1; at < bytes.length; at++, factor *= 0x80) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}

function* readBlocks(fd: number, blocksEnd: number, recipe: string): Generator<Buffer> {
  const head = Buffer.alloc(8);
  for (let at = 0; at < blocksEnd; ) {
    readExactly(fd, head, at, recipe);
    const packedBytes = head.readUInt32LE(4);
    if (at + head.length + packedBytes > blocksEnd || head.readUInt32LE(0) > blockBytes) throw damaged(recipe);
    const packed = Buffer.allocUnsafe(packedBytes);
    readExactly(fd, packed, at + head.length, recipe);
    at += head.length + packed.length;
    yield unpackBlock(packed, head.readUInt32LE(0), recipe);
  }
}

function unpackBlock(packed: Buffer, sizeBytes: number, recipe: string): Buffer {
  try {
    const block = zstdDecompressSync(packed, { maxOutputLength: sizeBytes });
    if (block.length === sizeBytes) return block;
  } catch (error) {
    throw damaged(recipe, error);
  }
  throw damaged(recipe);
}

function readIndex(fd: number, recipe: string): { readonly index: RecipeIndex; readonly blocksEnd: number } {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(tailBytes);
  if (size < tailBytes) throw damaged(recipe);
  readExactly(fd, tail, size - tailBytes, recipe);
  const length = tail.readUInt32LE(0);
  const blocksEnd = size - tailBytes - length;
  if (tail.toString("latin1", 4) !== recipeMark || blocksEnd < 0) throw damaged(recipe);
  const text = Buffer.alloc(length);
  readExactly(fd, text, blocksEnd, recipe);
  try {
    const index: unknown = JSON.parse(text.toString("utf8"));
    if (isIndex(index)) return { index, blocksEnd };
  } catch (error) {
    throw damaged(recipe, error);
  }
  throw damaged(recipe);
}

function isIndex(value: unknown): value is RecipeIndex {
  if (!isObject(value) || typeof value.tarBytes !== "number" || !Array.isArray(value.displaced)) return false;
  return value.displaced.every(
    (item: unknown) => isObject(item) && typeof item.before === "number" && typeof item.path === "string" && /^\d+$/.test(String(item.to)),
  );
}

type Locate = (path: InnerPath) => string;

/** Where the data of the next file lies now: each call is for the file after that of the last call. */
function openLocator(directory: string, displacedPath: string, displaced: readonly Displaced[]): Locate {
  const root = toByteString(directory);
  const aside = toByteString(displacedPath);
  let file = 0;
  return (path) => {
    const number = file++;
    for (const { before, path: moved, to } of displaced) {
      if (number >= before || !(path === moved || path.startsWith(`${moved}/`))) continue;
      return `${aside}/${to}${path.slice(moved.length)}`;
    }
    return `${root}/${path}`;
  };
}

/** Literals and data in pieces of half a MiB, whatever their sizes. */
function* joinPieces(operations: Iterable<Operation>, locate: Locate, { diffId }: RecipePlace): Generator<Buffer> {
  let output = Buffer.allocUnsafe(outputBytes);
  let used = 0;
  for (const operation of operations) {
    const isLiteral = "literal" in operation;
    const sizeBytes = isLiteral ? operation.literal.length : operation.sizeBytes;
    const fd = isLiteral ? -1 : openData(locate(operation.path), operation, diffId);
    try {
      for (let at = 0; at < sizeBytes; ) {
        const wanted = Math.min(sizeBytes - at, output.length - used);
        if (isLiteral) operation.literal.copy(output, used, at, at + wanted);
        const count = isLiteral ? wanted : readSync(fd, output, used, wanted, null);
        if (count === 0) throw changed(diffId, `/${toText(isLiteral ? "" : operation.path)} has become shorter`);
        at += count;
        used += count;
        if (used < output.length) continue;
        yield output;
        output = Buffer.allocUnsafe(outputBytes);
        used = 0;
      }
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }
  if (used > 0) yield output.subarray(0, used);
}

const goneErrnos = ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "ENXIO", "ENODEV", "ERR_INVALID_ARG_VALUE"];

function openData(path: string, { path: inner }: { readonly path: InnerPath }, diffId: string): number {
  let fd: number;
  try {
    fd = openSync(toFsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A damaged recipe may also have names that no file can have.
    if (isErrno(error, ...goneErrnos)) throw changed(diffId, `/${toText(inner)} is gone`);
    throw error;
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw changed(diffId, `/${toText(inner)} is no file any more`);
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

function readExactly(fd: number, buffer: Buffer, position: number, recipe: string): void {
  for (let at = 0; at < buffer.length; ) {
    const count = readSync(fd, buffer, at, buffer.length - at, position + at);
    if (count === 0) throw damaged(recipe);
    at += count;
  }
}

function changed(diffId: string, how: string): TsnsError {
  return new TsnsError("invalid", "layer-changed", `the layer ${diffId} in the store has been changed: ${how}`, {
    hint: "remove the images that have it and load them again",
  });
}

function damaged(recipe: string, cause?: unknown): TsnsError {
  return new TsnsError("invalid", "recipe-damaged", `${recipe} is damaged`, {
    hint: "remove the images that have this layer and load them again",
    cause,
  });
}
