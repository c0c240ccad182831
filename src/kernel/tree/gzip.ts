// gzip on all processors: blocks of half a MiB are deflated side by side, each with the end of the one before it as its dictionary, and
// joined to one member (RFC 1952), as pigz does. The same bytes in give the same bytes out.
import { constants, crc32, deflateRaw } from "node:zlib";
import type { Chunks } from "./stream.ts";

const blockBytes = 512 << 10;
const windowBytes = 32 << 10;
/** libuv has four threads. */
const blocksAtOnce = 4;

/** No name, no time, maximum compatibility: "unknown" as the system. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block of deflate (RFC 1951). */
const lastBlock = Buffer.from([0x03, 0x00]);

/** `level` 1 to 9, zlib's. */
export async function* compressGzip(source: Chunks, level = 6): AsyncGenerator<Buffer> {
  yield header;
  const running: Promise<Buffer>[] = [];
  let check = 0;
  let sizeBytes = 0;
  let dictionary: Buffer | undefined;
  try {
    for await (const block of joinBlocks(source)) {
      check = crc32(block, check);
      sizeBytes += block.length;
      running.push(deflate(block, level, dictionary));
      dictionary = block.subarray(Math.max(block.length - windowBytes, 0));
      if (running.length >= blocksAtOnce) yield (await running.shift()) ?? Buffer.alloc(0);
    }
    while (running.length > 0) yield (await running.shift()) ?? Buffer.alloc(0);
  } finally {
    await Promise.allSettled(running);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(check, 0);
  trailer.writeUInt32LE(sizeBytes % 2 ** 32, 4);
  yield Buffer.concat([lastBlock, trailer]);
}

async function* joinBlocks(source: Chunks): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafe(blockBytes);
  let used = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, blockBytes - used);
      block.set(chunk.subarray(at, at + taken), used);
      used += taken;
      at += taken;
      if (used < blockBytes) continue;
      yield block;
      block = Buffer.allocUnsafe(blockBytes);
      used = 0;
    }
  }
  if (used > 0) yield block.subarray(0, used);
}

function deflate(block: Buffer, level: number, dictionary: Buffer | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Z_SYNC_FLUSH ends the block on a byte, so that the next one can follow it
    const options = { level, finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary ? { dictionary } : {}) };
    deflateRaw(block, options, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}
