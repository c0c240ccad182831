// Ranges of bytes in headers: `Range` of a download (RFC 9110, section 14) and `Content-Range` of a chunk that is uploaded. Pure.

export interface ByteRange {
  readonly start: number;
  /** Included. */
  readonly end: number;
}

/**
 * What `Range: bytes=...` asks of something of `sizeBytes`: undefined for all of it (no range, several, another unit), "unsatisfiable" for a
 * range beyond the end.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [first, last] = [match[1] ?? "", match[2] ?? ""];
  if (first === "") {
    const suffix = Number(last);
    return suffix === 0 || sizeBytes === 0 ? "unsatisfiable" : { start: Math.max(0, sizeBytes - suffix), end: sizeBytes - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= sizeBytes) return "unsatisfiable";
  return { start, end: last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}

/** `Content-Range: 0-99` of the distribution specification, also written as RFC 9110 has it (`bytes 0-99/100`); undefined for anything else. */
export function parseContentRange(header: string): ByteRange | undefined {
  const match = /^(?:bytes[ =])?\s*(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header.trim());
  if (!match) return undefined;
  const range = { start: Number(match[1]), end: Number(match[2]) };
  return Number.isSafeInteger(range.end) && range.end >= range.start ? range : undefined;
}
