// Writes a tar whose members come one after the other, their data in pieces. Knows no file system and no images.
import { TsnsError } from "../../base/error.ts";
import { renderTarHeader, type TarEntryInput, tarEnd, tarPadding } from "../../image/tar-write.ts";
import type { Chunks } from "./stream.ts";

export interface TarMemberSource {
  readonly header: TarEntryInput;
  /** Of files; as many bytes as the header says. */
  readonly data?: Chunks | Uint8Array;
}

/** Throws TsnsError internal `member-size` when a member has other bytes than its header says, the signal's reason when it aborts. */
export async function writeTar(
  members: Iterable<TarMemberSource> | AsyncIterable<TarMemberSource>,
  write: (bytes: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  for await (const { header, data } of members) {
    write(renderTarHeader(header));
    let sizeBytes = 0;
    for await (const piece of data instanceof Uint8Array ? [data] : (data ?? [])) {
      signal?.throwIfAborted();
      sizeBytes += piece.length;
      write(piece);
    }
    const expectedBytes = header.sizeBytes ?? 0;
    if (sizeBytes !== expectedBytes) {
      throw new TsnsError("internal", "member-size", `${header.path} has ${sizeBytes} bytes, not ${expectedBytes}`);
    }
    write(tarPadding(sizeBytes));
    // a signal is seen only when the loop turns
    if (signal) await new Promise((resolve) => setImmediate(resolve));
  }
  write(tarEnd());
}
