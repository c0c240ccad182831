// What relay and name server say to each other on a stream: frames of `u32 length of the rest, u32 tag, u8 flags, 3 zero bytes,
// payload`, little endian. Knows nothing of what the payload means.

export const frameFlag = { stream: 0x01, hello: 0x80, control: 0x81 } as const;

/** Bytes before the payload. */
export const frameHead = 12;

/** The largest payload: a DNS message by TCP. */
const mostPayload = 65_535;

export interface Frame {
  readonly tag: number;
  readonly flags: number;
  readonly payload: Buffer;
}

/** Takes the bytes of a stream as they come, gives whole frames. */
export interface FrameReader {
  /** False: that is no frame; nothing behind it can be read. The payload is only good during the call. */
  push(chunk: Buffer, take: (payload: Buffer, tag: number, flags: number) => void): boolean;
}

export function makeFrameReader(): FrameReader {
  let rest: Buffer | undefined;
  return {
    push(chunk, take) {
      const bytes: Buffer = rest ? Buffer.concat([rest, chunk]) : chunk;
      rest = undefined;
      let at = 0;
      while (bytes.length - at >= 4) {
        const length = bytes.readUInt32LE(at);
        if (length < frameHead - 4 || length > frameHead - 4 + mostPayload) return false;
        const end = at + 4 + length;
        if (end > bytes.length) break;
        take(bytes.subarray(at + frameHead, end), bytes.readUInt32LE(at + 4), bytes[at + 8] ?? 0);
        at = end;
      }
      if (at < bytes.length) rest = at === 0 ? bytes : Buffer.from(bytes.subarray(at));
      return true;
    },
  };
}

/** Writes the head of a frame; its payload of `length` bytes stands right behind it. */
export function writeFrameHead(out: Buffer, at: number, tag: number, flags: number, length: number): void {
  out.writeUInt32LE(length + frameHead - 4, at);
  out.writeUInt32LE(tag, at + 4);
  out.writeUInt32LE(flags, at + 8);
}

export function encodeFrame({ tag, flags, payload }: Frame): Buffer {
  const out = Buffer.allocUnsafe(frameHead + payload.length);
  writeFrameHead(out, 0, tag, flags, payload.length);
  payload.copy(out, frameHead);
  return out;
}
