// The kernel's log, /dev/kmsg (Documentation/ABI/testing/dev-kmsg): one read(2) gives one record.
import { closeSync, constants, openSync, readSync } from "node:fs";
import { isErrno } from "../../base/error.ts";

/** The texts of the records that `wanted` takes, oldest first, at most `max` of the newest; undefined when this process may not read them. */
export function readKernelLog(wanted: (text: string) => boolean, max = 8): readonly string[] | undefined {
  let file: number;
  try {
    file = openSync("/dev/kmsg", constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "EPERM", "EACCES", "ENOENT", "ENXIO", "ENODEV")) return undefined;
    throw error;
  }
  const found: string[] = [];
  // the kernel refuses a buffer that a record does not fit in
  const buffer = Buffer.alloc(16_384);
  try {
    for (;;) {
      const text = readRecord(file, buffer);
      if (text === undefined) return found.slice(-max);
      if (text !== "" && wanted(text)) found.push(text);
    }
  } finally {
    closeSync(file);
  }
}

/** Empty for a record that was overwritten meanwhile, undefined at the end. */
function readRecord(file: number, buffer: Buffer): string | undefined {
  try {
    const length = readSync(file, buffer);
    const record = buffer.toString("utf8", 0, length);
    return length === 0 ? undefined : (record.slice(record.indexOf(";") + 1).split("\n", 1)[0] ?? "");
  } catch (error) {
    if (isErrno(error, "EAGAIN")) return undefined;
    if (isErrno(error, "EPIPE", "EINVAL")) return "";
    throw error;
  }
}
