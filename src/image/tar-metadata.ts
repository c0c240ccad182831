// Headers of an archive that only say something of the entries to come: names too long for a header, pax records, of one entry or of all.
import type { TarEntry } from "./tar.ts";
import { badArchive } from "./tar-header.ts";
import { applyPax, type PaxRecords, parsePax } from "./tar-pax.ts";
import { type PaxSparse, parsePaxSparse } from "./tar-sparse.ts";

/** Limit of one name or pax header: a hostile size must not become memory. */
const metadataBytesMax = 1 << 20;
/** pax for one and for all, Solaris' pax, GNU long names, a volume's name. */
export const metadataTypes = "xgXLKV";

export interface Metadata {
  start(type: string, sizeBytes: number): void;
  add(piece: Buffer): void;
  end(): void;
  /** The next entry with all that has been said of it. */
  describe(header: TarEntry): { readonly entry: TarEntry; readonly sparse: PaxSparse | undefined };
  readonly isPending: boolean;
}

export function openMetadata(): Metadata {
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
      const sparse = entry.type === "file" && local.size > 0 ? parsePaxSparse(local) : undefined;
      local = new Map();
      return { entry, sparse };
    },
    get isPending() {
      return local.size > 0;
    },
  };
}

function trimNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}
