// Paths as byte strings: file names are bytes, not text, so inside this folder each character is one byte (latin1).
// Holds the few conversions; touches nothing.

/** A path or name of which each character code is one byte. */
export type ByteString = string;

const nonAscii = /[^\0-\x7f]/;

/** What node:fs takes for a byte string. */
export function toFsPath(path: ByteString): string | Buffer {
  return nonAscii.test(path) ? Buffer.from(path, "latin1") : path;
}

/** Text (UTF-8 outside) to a byte string. */
export function toByteString(text: string): ByteString {
  return nonAscii.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** A byte string for people; bytes that are no UTF-8 become replacement characters. */
export function toText(path: ByteString): string {
  return nonAscii.test(path) ? Buffer.from(path, "latin1").toString("utf8") : path;
}

/** An entry of an open directory, through its descriptor: whatever is renamed meanwhile, it is that directory (proc(5)). */
export function at(directoryFd: number, name: ByteString): string | Buffer {
  return toFsPath(`/proc/self/fd/${directoryFd}/${name}`);
}
