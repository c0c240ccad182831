// The tar format as image layers use it: ustar, pax and GNU long names, read by pushing bytes in. Pure: what is done with
// an entry is the sink's business. Paths are byte strings (latin1) and unchecked; whoever unpacks must distrust them.
// Own, because tar-stream decodes pax values as text, which breaks binary ones such as file capabilities.
import { badArchive, isZero, parseHeader, parseNumber, verifyChecksum } from "./tar-header.ts";
import { applyPax, type PaxRecords, parsePax } from "./tar-pax.ts";

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
/** Limit of one name or pax header: a hostile size must not become memory. */
const metadataBytesMax = 1 << 20;
/** pax for one and for all, Solaris' pax, GNU long names, a volume's name. */
const metadataTypes = "xgXLKV";

/** What follows the header: nothing special, data of an entry, or metadata for the next entry. */
type Expect = "header" | "data" | "metadata" | "nothing";

/** Headers that only say something of entries to come. */
interface Metadata {
  start(type: string, sizeBytes: number): void;
  add(piece: Buffer): void;
  end(): void;
  /** The next entry with all that has been said of it. */
  describe(header: TarEntry): TarEntry;
  readonly isPending: boolean;
}

function openMetadata(): Metadata {
  let type = "";
  let pieces: Buffer[] = [];
  let global: PaxRecords = new Map();
  let local: PaxRecords = new Map();
  return {
    start(newType, sizeBytes) {
      if (sizeBytes > metadataBytesMax) throw badArchive(`a header of ${sizeBytes} bytes`);
      type = newType;
      pieces = [];
    },
    add: (piece) => void pieces.push(Buffer.from(piece)),
    end() {
      const bytes = Buffer.concat(pieces);
      pieces = [];
      if (type === "V") return;
      if (type === "g") global = new Map([...global, ...parsePax(bytes)]);
      else if (type === "L") local.set("path", trimNul(bytes));
      else if (type === "K") local.set("linkpath", trimNul(bytes));
      else local = new Map([...local, ...parsePax(bytes)]);
    },
    describe(header) {
      const entry = applyPax(header, global, local);
      local = new Map();
      return entry;
    },
    get isPending() {
      return local.size > 0;
    },
  };
}

/** Reads one archive. Everything after the end mark (a block of zeros) is ignored, as tar does. */
export function openTarReader(sink: TarSink): TarReader {
  const header = Buffer.alloc(blockBytes);
  const metadata = openMetadata();
  let headerBytes = 0;
  let expect: Expect = "header";
  let remaining = 0;
  let padding = 0;

  const onHeader = (): void => {
    if (isZero(header)) {
      expect = "nothing";
      return;
    }
    verifyChecksum(header);
    const type = header.toString("latin1", 156, 157);
    if (metadataTypes.includes(type)) {
      remaining = parseNumber(header, 124, 12, "size");
      metadata.start(type, remaining);
      expect = "metadata";
    } else {
      const entry = metadata.describe(parseHeader(header, type));
      remaining = entry.sizeBytes;
      sink.entry(entry);
      expect = "data";
    }
    padding = (blockBytes - (remaining % blockBytes)) % blockBytes;
    if (remaining === 0) onEnd();
  };
  const onEnd = (): void => {
    if (expect === "metadata") metadata.end();
    else sink.end();
    expect = "header";
  };
  /** Takes what it can from the chunk at a position; returns the bytes taken. */
  const take = (chunk: Buffer, at: number): number => {
    const left = chunk.length - at;
    if (expect !== "header") {
      const piece = chunk.subarray(at, at + Math.min(remaining, left));
      remaining -= piece.length;
      if (expect === "data") sink.data(piece);
      else {
        sink.raw?.(piece);
        metadata.add(piece);
      }
      if (remaining === 0) onEnd();
      return piece.length;
    }
    if (padding > 0) {
      const skipped = Math.min(padding, left);
      sink.raw?.(chunk.subarray(at, at + skipped));
      padding -= skipped;
      return skipped;
    }
    const taken = chunk.copy(header, headerBytes, at, at + blockBytes - headerBytes);
    sink.raw?.(chunk.subarray(at, at + taken));
    headerBytes += taken;
    if (headerBytes === blockBytes) {
      headerBytes = 0;
      onHeader();
    }
    return taken;
  };
  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length && expect !== "nothing") at += take(chunk, at);
      if (at < chunk.length) sink.raw?.(chunk.subarray(at));
    },
    get ended() {
      return expect === "nothing";
    },
    skip() {
      if (expect !== "data") return 0;
      const skipped = remaining + padding;
      remaining = 0;
      padding = 0;
      onEnd();
      return skipped;
    },
    finish() {
      if (expect === "data" || expect === "metadata" || headerBytes > 0 || padding > 0)
        throw badArchive("it ends in the middle of an entry");
      if (metadata.isPending) throw badArchive("it ends after a header that announces an entry");
    },
  };
}

function trimNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}
