// The tar format as image layers use it: ustar, pax and GNU long names, read by pushing bytes in. Pure: what is done with
// an entry is the sink's business. Paths are byte strings (latin1) and unchecked; whoever unpacks must distrust them.
// Own, because tar-stream decodes pax values as text, which breaks binary ones such as file capabilities.
import { badArchive, isZero, parseHeader, parseNumber, verifyChecksum } from "./tar-header.ts";
import { type Metadata, metadataTypes, openMetadata } from "./tar-metadata.ts";
import { checked } from "./tar-pax.ts";
import { openSparse, type SparseMap, type SparseReading } from "./tar-sparse.ts";

export type TarType = "file" | "directory" | "symlink" | "link" | "char" | "block" | "fifo";

export interface TarEntry {
  /** As written in the archive, one character a byte. */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data that follow; 0 for all but files. */
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** 1 to 999999999, after the whole second at or before the time; absent: a whole second. */
  readonly mtimeNanoseconds?: number;
  /** Of a file with holes: where the data belongs. */
  readonly sparse?: SparseMap;
  /** Of a symbolic or hard link, one character a byte. */
  readonly linkPath: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** Called in order: entry, data (for files with a size, in pieces that are only valid during the call), end. */
export interface TarSink {
  entry(entry: TarEntry): void;
  data(piece: Buffer): void;
  end(): void;
  /** All bytes that are no data, as they come: headers, padding, end mark and what follows it. Valid only during the call. */
  raw?(piece: Buffer): void;
}

export interface TarReader {
  push(chunk: Buffer): void;
  /** The end mark has been read. */
  readonly ended: boolean;
  /** Leaves out what is left of the current entry's data, which the sink never sees; bytes the caller must skip, with padding. */
  skip(): number;
  /** Throws TsnsError invalid `bad-archive` when the archive ends in the middle of something. */
  finish(): void;
}

const blockBytes = 512;
/** What comes next: a header, data of an entry, metadata for the next entry, a block of a sparse file's map in its header or before its data. */
type Expect = "header" | "data" | "metadata" | "extension" | "map" | "nothing";

/** A file whose map of holes has not been read to its end. */
interface UnfinishedFile {
  readonly entry: TarEntry;
  readonly reading: SparseReading;
}

/** An entry with all that is said of it before its data; `reading` for one with holes. */
function readHead(metadata: Metadata, header: Buffer, type: string): { readonly entry: TarEntry; readonly reading?: SparseReading } {
  const { entry, sparse } = metadata.describe(parseHeader(header, type));
  const reading = entry.type === "file" ? openSparse(header, type, sparse) : undefined;
  return reading ? { entry: checked({ ...entry, path: reading.path ?? entry.path }), reading } : { entry };
}

const paddingOf = (sizeBytes: number): number => (blockBytes - (sizeBytes % blockBytes)) % blockBytes;

interface State {
  readonly sink: TarSink;
  readonly metadata: Metadata;
  /** The block that is being collected, and how much of it there is. */
  readonly block: Buffer;
  blockBytes: number;
  expect: Expect;
  /** Of the data or metadata that come. */
  remaining: number;
  padding: number;
  unfinished: UnfinishedFile | undefined;
}

/** Reads one archive. Everything after the end mark (a block of zeros) is ignored, as tar does. */
export function openTarReader(sink: TarSink): TarReader {
  const state: State = {
    sink,
    metadata: openMetadata(),
    block: Buffer.alloc(blockBytes),
    blockBytes: 0,
    expect: "header",
    remaining: 0,
    padding: 0,
    unfinished: undefined,
  };
  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length && state.expect !== "nothing") at += take(state, chunk, at);
      if (at < chunk.length) sink.raw?.(chunk.subarray(at));
    },
    get ended() {
      return state.expect === "nothing";
    },
    skip() {
      if (state.expect !== "data") return 0;
      const skipped = state.remaining + state.padding;
      state.remaining = 0;
      state.padding = 0;
      onEnd(state);
      return skipped;
    },
    finish() {
      const { expect } = state;
      if ((expect !== "header" && expect !== "nothing") || state.blockBytes > 0 || state.padding > 0)
        throw badArchive("it ends in the middle of an entry");
      if (state.metadata.isPending) throw badArchive("it ends after a header that announces an entry");
    },
  };
}

/** Takes what it can from the chunk at a position; returns the bytes taken. */
function take(state: State, chunk: Buffer, at: number): number {
  const { sink, expect } = state;
  const left = chunk.length - at;
  if (expect === "data" || expect === "metadata") {
    const piece = chunk.subarray(at, at + Math.min(state.remaining, left));
    state.remaining -= piece.length;
    if (expect === "data") sink.data(piece);
    else {
      sink.raw?.(piece);
      state.metadata.add(piece);
    }
    if (state.remaining === 0) onEnd(state);
    return piece.length;
  }
  if (state.padding > 0 && expect === "header") {
    const skipped = Math.min(state.padding, left);
    sink.raw?.(chunk.subarray(at, at + skipped));
    state.padding -= skipped;
    return skipped;
  }
  const taken = chunk.copy(state.block, state.blockBytes, at, at + blockBytes - state.blockBytes);
  sink.raw?.(chunk.subarray(at, at + taken));
  state.blockBytes += taken;
  if (state.blockBytes === blockBytes) {
    state.blockBytes = 0;
    if (state.unfinished) onMapBlock(state, state.unfinished);
    else onHeader(state);
  }
  return taken;
}

function onHeader(state: State): void {
  const { block, metadata } = state;
  if (isZero(block)) {
    state.expect = "nothing";
    return;
  }
  verifyChecksum(block);
  const type = block.toString("latin1", 156, 157);
  if (metadataTypes.includes(type)) {
    state.remaining = parseNumber(block, 124, 12, "size");
    state.padding = paddingOf(state.remaining);
    metadata.start(type, state.remaining);
    state.expect = "metadata";
    if (state.remaining === 0) onEnd(state);
    return;
  }
  const { entry, reading } = readHead(metadata, block, type);
  state.remaining = entry.sizeBytes;
  state.padding = paddingOf(state.remaining);
  if (!reading) startEntry(state, entry);
  else if (reading.rest === "none") finishMap(state, { entry, reading });
  else {
    state.unfinished = { entry, reading };
    state.expect = reading.rest;
  }
}

function startEntry(state: State, entry: TarEntry): void {
  state.sink.entry(entry);
  state.expect = "data";
  if (state.remaining === 0) onEnd(state);
}

function finishMap(state: State, { entry, reading }: UnfinishedFile): void {
  state.unfinished = undefined;
  startEntry(state, { ...entry, sizeBytes: state.remaining, sparse: reading.finish(state.remaining) });
}

function onMapBlock(state: State, file: UnfinishedFile): void {
  if (state.expect === "map") state.remaining -= blockBytes;
  if (state.remaining < 0) throw badArchive("a sparse map without an end");
  if (file.reading.push(state.block)) finishMap(state, file);
}

function onEnd(state: State): void {
  if (state.expect === "metadata") state.metadata.end();
  else state.sink.end();
  state.expect = "header";
}
