// Bytes of files, of standard input and of programs as async iterables of buffers, and their decompression by magic number.
// Knows no archive format.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { readPathStat } from "./path-stat.ts";

const chunkBytes = 256 << 10;

export type Chunks = AsyncIterable<Uint8Array>;

/** Bytes of an open file from `startBytes`, `lengthBytes` of them; ends early at the end of the file. */
export async function* readRange(fd: number, startBytes: number, lengthBytes: number): AsyncGenerator<Buffer> {
  const end = startBytes + lengthBytes;
  for (let at = startBytes; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
    const count = readSync(fd, buffer, 0, buffer.length, at);
    if (count === 0) return;
    at += count;
    yield buffer.subarray(0, count);
  }
}

/** Opens a file for reading; `isRegular` tells whether it can be read at any position. Throws KernelError naming it. */
export function openFile(path: string): { readonly fd: number; readonly sizeBytes: number; readonly isRegular: boolean } {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    const hint = errno === "ENOENT" ? "give the path of an archive, or - for standard input" : undefined;
    throw new KernelError("open", errno, path, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
  const stat = fstatSync(fd);
  if (!stat.isDirectory()) return { fd, sizeBytes: stat.size, isRegular: stat.isFile() };
  closeSync(fd);
  throw new KernelError("open", "EISDIR", path, { hint: `pack it first: tar -C ${path} -c . | tsns import - NAME` });
}

/** Throws KernelError for a file that cannot be read; a pipe is not opened, that would take bytes or wait. */
export function checkReadable(path: string): void {
  const stat = readPathStat(path);
  if (!stat || stat.isFile() || stat.isDirectory()) closeSync(openFile(path).fd);
}

/** All bytes of a file, also of a pipe; closes it at the end. */
export async function* readFileChunks(path: string): AsyncGenerator<Buffer> {
  const { fd, isRegular } = openFile(path);
  try {
    if (isRegular) yield* readRange(fd, 0, Number.MAX_SAFE_INTEGER);
    else {
      const { createReadStream } = await import("node:fs");
      yield* createReadStream("", { fd, autoClose: false, highWaterMark: chunkBytes });
    }
  } finally {
    closeSync(fd);
  }
}

/** The same chunks; throws the signal's reason as soon as it aborts, also while the source is silent. */
export async function* untilAborted(source: Chunks, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (!signal) return yield* source;
  const iterator = source[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {});
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // a source that waits for input answers only when it comes
    const ended = iterator.return?.();
    if (!signal.aborted) await ended;
  }
}

export type Compression = "none" | "gzip" | "zstd" | "xz" | "bzip2";

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];
const magicBytes = 6;

/** How bytes are compressed, from their first six. */
export function detectCompression(first: Uint8Array): Compression {
  return magics.find(([, magic]) => magic.every((byte, at) => first[at] === byte))?.[0] ?? "none";
}

/** At least the first six bytes (fewer only of a shorter source), and all of it. */
export async function peekChunks(source: Chunks): Promise<{ readonly first: Buffer; readonly source: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Buffer = Buffer.alloc(0);
  let isDone = false;
  while (first.length < magicBytes && !isDone) {
    const next = await iterator.next();
    if (next.done) isDone = true;
    else first = first.length === 0 ? asBuffer(next.value) : Buffer.concat([first, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    try {
      yield first;
      for (let next = isDone ? undefined : await iterator.next(); next && !next.done; next = await iterator.next())
        yield asBuffer(next.value);
    } finally {
      await iterator.return?.();
    }
  };
  return { first, source: whole() };
}

/** The plain bytes. gzip and zstd are read here, xz and bzip2 by the programs of that name. Throws TsnsError invalid `bad-archive`. */
export async function* decompress(source: Chunks): AsyncGenerator<Buffer> {
  const { first, source: whole } = await peekChunks(source);
  const compression = detectCompression(first);
  if (compression === "none") yield* whole;
  else if (compression === "xz" || compression === "bzip2") yield* runProgram([compression, "-dc"], { input: whole });
  else yield* inflate(compression, whole);
}

async function* inflate(compression: "gzip" | "zstd", source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = compression === "gzip" ? createGunzip({ chunkSize: chunkBytes }) : createZstdDecompress({ chunkSize: chunkBytes });
  const fed = pipeline(Readable.from(source), stream);
  fed.catch(() => {}); // the failure is reported below, by the stream itself
  try {
    for await (const chunk of stream) yield asBuffer(chunk as Uint8Array);
    await fed;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && /^(Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code)))) throw error;
    throw new TsnsError("invalid", "bad-archive", `the archive is damaged: ${compression}: ${error.message}`, {
      hint: "fetch or make it again",
      cause: error,
    });
  }
}

export interface ProgramOptions {
  readonly input?: AsyncIterable<Buffer>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it says on standard error, as it comes. */
  readonly onStderr?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** What to do about it when it fails. */
  readonly hint?: string;
}

/** Runs a program and yields its standard output. It is killed when the reader stops early. Throws TsnsError naming it when it fails. */
export async function* runProgram(argv: readonly [string, ...string[]], options: ProgramOptions = {}): AsyncGenerator<Buffer> {
  const [name, ...args] = argv;
  const child = spawn(name, args, {
    stdio: [options.input ? "pipe" : "ignore", "pipe", "pipe"],
    ...(options.env ? { env: options.env } : {}),
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
    options.onStderr?.(text);
  });
  const closed = once(child, "close").then(
    ([code, signal]) => ({ code, signal, error: undefined }),
    (error: unknown) => ({ code: null, signal: null, error }),
  );
  const stop = () => void child.kill("SIGTERM");
  options.signal?.addEventListener("abort", stop, { once: true });
  // a program that does not read its input is judged by its exit status
  if (options.input && child.stdin) pipeline(Readable.from(options.input), child.stdin).catch(() => {});
  try {
    if (child.stdout) for await (const chunk of child.stdout) yield asBuffer(chunk as Uint8Array);
    const { code, signal, error } = await closed;
    options.signal?.throwIfAborted();
    if (error !== undefined) throw programMissing(name, error);
    if (code !== 0) throw programFailed(name, signal ?? code, said, options.hint);
  } finally {
    options.signal?.removeEventListener("abort", stop);
    if (child.exitCode === null && child.signalCode === null) stop();
  }
}

function programMissing(name: string, error: unknown): TsnsError {
  if (!isErrno(error, "ENOENT")) return new KernelError("execve", "EACCES", name, { cause: error });
  const packages: Readonly<Record<string, string>> = { xz: "xz-utils" };
  return new TsnsError("unavailable", "program-missing", `the program ${name} is not installed`, {
    hint: `install it: apt-get install ${packages[name] ?? name}`,
    cause: error,
  });
}

function programFailed(name: string, status: unknown, said: string, hint: string | undefined): TsnsError {
  const lines = said.trim().split("\n");
  // apt's first line says what is wrong, those after it only that it was wrong.
  const cause = lines.find((line) => /^E: /.test(line)) ?? lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
  return new TsnsError("unavailable", "program-failed", `${name} failed (${String(status)})${cause === "" ? "" : `: ${cause}`}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
