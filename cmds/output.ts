// Standard output and error as the commands see them: written synchronously by number, so that no stream is loaded and
// nothing is lost at exit.
import { writeSync } from "node:fs";
import { isErrno, TsnsError } from "../src/base/error.ts";

/** 128 + SIGPIPE, what a shell shows for `yes | head`. */
const brokenPipeExitCode = 141;

export interface Output {
  /** Written before it returns. EPIPE ends the command quietly. */
  write(text: string | Uint8Array): void;
  readonly isTTY: boolean;
  readonly columns: number;
}

export function openOutput(fd: 1 | 2): Output {
  let terminal: boolean | undefined;
  return {
    write: (text) => writeAll(fd, text),
    get isTTY() {
      terminal ??= isTerminal(fd);
      return terminal;
    },
    get columns() {
      const stream = fd === 1 ? process.stdout : process.stderr;
      return stream.columns ?? 80;
    },
  };
}

/** isatty(3). node:tty is loaded only when somebody asks. */
export function isTerminal(fd: number): boolean {
  return process.getBuiltinModule("node:tty").isatty(fd);
}

function writeAll(fd: number, text: string | Uint8Array): void {
  let bytes = typeof text === "string" ? Buffer.from(text) : text;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      if (isErrno(error, "EPIPE", "EIO")) {
        throw new TsnsError("interrupted", "broken-pipe", "the reader of the output has gone", { exitCode: brokenPipeExitCode });
      }
      if (isErrno(error, "ENOSPC", "EDQUOT")) {
        throw new TsnsError("unavailable", "disk-full", "cannot write the output: no space left on its disk", { cause: error });
      }
      if (!isErrno(error, "EAGAIN")) throw error;
      // A non-blocking descriptor (an ssh session, a parent's pipe) whose reader is slow: poll(2) is out of reach here.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
