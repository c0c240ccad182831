// Runs a short native program to its end with bytes in and bytes out. Loading node:child_process takes 3 ms, more than such a program does in
// all; what it calls underneath is there already, so that is asked first (process.binding, DEP0111; documented as not removed). Where a
// Node no longer offers it the module does the same.
import { spawnSync } from "node:child_process";
import { getSystemErrorName } from "node:util";
import { KernelError } from "../../base/error.ts";
import { takeAhead } from "./ahead.ts";

export interface ProgramResult {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

interface Pipe {
  readonly type: "pipe";
  readonly readable: boolean;
  readonly writable: boolean;
  readonly input?: Uint8Array;
}

interface RawResult {
  /** Negative errno: it could not be started. */
  readonly error?: number;
  readonly status: number | null;
  readonly output: readonly (Buffer | null)[] | null;
}

interface RawSpawn {
  spawn(options: {
    readonly file: string;
    readonly args: readonly string[];
    readonly envPairs: readonly string[];
    readonly stdio: readonly Pipe[];
  }): RawResult;
}

function rawSpawn(): RawSpawn | undefined {
  try {
    const found = (process as unknown as { binding?: (name: string) => Partial<RawSpawn> }).binding?.("spawn_sync");
    return typeof found?.spawn === "function" ? (found as RawSpawn) : undefined;
  } catch {
    return undefined; // this Node has closed that way
  }
}

const nothing = Buffer.alloc(0);

/** With an empty environment unless `env` gives one ("NAME=value"). Throws KernelError when the program cannot be started; a signal that ended it counts as status 128. */
export function runProgram(file: string, args: readonly string[], input: Uint8Array = nothing, env: readonly string[] = []): ProgramResult {
  const ahead = input.length === 0 ? takeAhead([file.slice(file.lastIndexOf("/") + 1), ...args].join(" ")) : undefined;
  if (ahead) return { status: 0, stdout: ahead, stderr: nothing };
  const raw = rawSpawn();
  if (!raw) return runByModule(file, args, input, env);
  const { error, status, output } = raw.spawn({
    file,
    args: [file, ...args],
    envPairs: env,
    stdio: [
      { type: "pipe", readable: true, writable: false, input },
      { type: "pipe", readable: false, writable: true },
      { type: "pipe", readable: false, writable: true },
    ],
  });
  // A program that ends before it has read its input says why itself.
  if (error && (getSystemErrorName(error) !== "EPIPE" || status === null)) throw new KernelError("exec", getSystemErrorName(error), file);
  return { status: status ?? 128, stdout: output?.[1] ?? nothing, stderr: output?.[2] ?? nothing };
}

/** The same by the documented way. */
function runByModule(file: string, args: readonly string[], input: Uint8Array, env: readonly string[] = []): ProgramResult {
  const result = spawnSync(file, args, {
    input,
    env: Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s))),
    maxBuffer: 1 << 30,
  });
  const error = result.error && ("code" in result.error ? String(result.error.code) : "EIO");
  if (error !== undefined && (error !== "EPIPE" || result.status === null)) throw new KernelError("exec", error, file);
  return { status: result.status ?? 128, stdout: result.stdout, stderr: result.stderr };
}
