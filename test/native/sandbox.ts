// The native helper as its tests use it: plans by hand, a busybox root, clients, frames. No policy of the engine's is in here.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { encodeOperations } from "../../src/kernel/sandbox/encode.ts";
import { sandboxProgram } from "../../src/kernel/sandbox/location.ts";
import { CLONE, MS, type Operation } from "../../src/plan/operation.ts";
import { waitFor } from "../fixture/wait.ts";

export { sandboxProgram };

/** Namespaces of an ordinary container without a network of its own. */
export const cloneFlags: number = CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWNET;

export interface Box {
  /** Temporary directory of this test: plans, state and logs. */
  readonly dir: string;
  /** Root file system with busybox. */
  readonly root: string;
  readonly state: string;
}

/** A temporary directory with a busybox root and an empty state directory. */
export function makeBox(t: Test): Box {
  const dir = mkdtempSync(join(tmpdir(), "tsns-native-"));
  const [root, state] = [join(dir, "root"), join(dir, "state")];
  for (const path of ["bin", "etc", "proc", "dev", "tmp", "sys", "home"]) mkdirSync(join(root, path), { recursive: true });
  mkdirSync(state);
  const busybox = existsSync("/bin/busybox") ? "/bin/busybox" : "/usr/bin/busybox";
  writeFileSync(join(root, "bin/busybox"), readFileSync(busybox), { mode: 0o755 });
  for (const applet of spawnSync(busybox, ["--list"], { encoding: "utf8" }).stdout.split("\n"))
    if (applet !== "" && applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nalice:x:1000:\nwheel:x:10:alice\n");
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, root, state };
}

export interface PlanOptions {
  readonly stdio?: "null" | "pipe" | "pty";
  readonly stdin?: "none" | "open" | "once";
  /** Write a state directory and a log. */
  readonly state?: boolean;
  readonly log?: readonly [maxBytes: number, maxFiles: number];
  readonly flags?: number;
  readonly monitor?: readonly Operation[];
  /** After the root and its file systems, before the barrier. */
  readonly inside?: readonly Operation[];
  /** After pivot, before the environment. */
  readonly after?: readonly Operation[];
}

/** A plan for `command` in a container of `box`. */
export function makePlan(box: Box, command: readonly string[], options: PlanOptions = {}): Operation[] {
  const [maxBytes, maxFiles] = options.log ?? [0, 1];
  return [
    ...(options.state ? [["state", box.state] as const, ["log", join(box.state, "log"), `${maxBytes}`, `${maxFiles}`] as const] : []),
    ["stdio", options.stdio ?? "pipe"],
    ["stdin", options.stdin ?? "none"],
    ...(options.monitor ?? []),
    ["clone", `${options.flags ?? cloneFlags}`],
    ["mount", "", "/", "", `${MS.REC | MS.PRIVATE}`, ""],
    ["mount", box.root, box.root, "", `${MS.BIND | MS.REC}`, ""],
    ["root", box.root],
    ["mount-at", "proc", "/proc", "proc", "14", ""],
    ["mount-at", "tmpfs", "/dev", "tmpfs", "2", "mode=755"],
    ["mkdir-at", "/dev/pts", "755"],
    ["mount-at", "devpts", "/dev/pts", "devpts", "10", "newinstance,ptmxmode=0666,mode=0620"],
    ["mknod-at", "/dev/null", "20666", "1", "3"],
    ["symlink-at", "pts/ptmx", "/dev/ptmx"],
    ...(options.inside ?? []),
    ["barrier"],
    ["pivot"],
    ...(options.stdio === "pty" ? [["pty", "24", "80"] as const] : []),
    ...(options.after ?? []),
    ["env", "PATH=/bin"],
    ["exec", ...command],
  ];
}

let plans = 0;

export function writePlan(dir: string, operations: readonly Operation[]): string {
  const path = join(dir, `plan-${process.pid}-${plans++}`);
  writeFileSync(path, encodeOperations(operations));
  return path;
}

export interface Result {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: string;
}

/** Runs a plan with an attached client to its end. */
export function runAttached(box: Box, operations: readonly Operation[], input?: string | Buffer, args: readonly string[] = []): Result {
  const argv = ["run", writePlan(box.dir, operations), "--attach", ...(input === undefined ? [] : ["--stdin"]), ...args, "--report", "3"];
  const result = spawnSync(sandboxProgram, argv, {
    input: input ?? "",
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    maxBuffer: 1 << 30,
    env: {},
  });
  const [, stdout = "", stderr = "", report = ""] = (result.output ?? []).map(String);
  return { code: result.status, signal: result.signal, stdout, stderr, report };
}

/** What a shell command prints in a container with these options. */
export function outputOf(box: Box, script: string, options: PlanOptions = {}): string {
  const result = runAttached(box, makePlan(box, ["sh", "-c", script], options));
  return result.stdout + result.stderr + (result.code === 0 ? "" : `exit ${result.code}\n`) + errorLine(result.report);
}

export const errorLine = (report: string): string => report.match(/^error .*$/m)?.[0] ?? "";

export interface Running {
  readonly monitorPid: number;
  readonly monitorStart: number;
  readonly initPid: number;
}

/** Starts a detached container; its monitor is killed when `t` ends. */
export function startDetached(t: Test, box: Box, operations: readonly Operation[]): Running {
  const argv = ["run", writePlan(box.dir, operations), "--report", "3"];
  const result = spawnSync(sandboxProgram, argv, { stdio: ["ignore", "inherit", "inherit", "pipe"], env: {} });
  const report = String(result.output?.[3]);
  if (!/^started \d+ \d+$/m.test(report)) throw new Error(`not started: ${report}`);
  const [monitorPid = 0, monitorStart = 0, initPid = 0] = readFileSync(join(box.state, "monitor"), "utf8").split(" ").map(Number);
  t.teardown(() => killIfAlive(monitorPid, monitorStart));
  return { monitorPid, monitorStart, initPid };
}

/** Start time and state of a process; undefined when there is none or only its remains. */
export function alive(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

export function killIfAlive(pid: number, start: number): void {
  if (alive(pid) === start) process.kill(pid, "SIGKILL");
}

export const gone = (pid: number): Promise<boolean> => waitFor(`the end of process ${pid}`, () => alive(pid) === undefined);

/** The exit record, once it is there. */
export const exitRecord = (box: Box): Promise<string> =>
  waitFor("the exit record", () => existsSync(join(box.state, "exit")) && readFileSync(join(box.state, "exit"), "utf8"));

/** The texts of a log, with the stream's first letter after "std" before each. */
export function readLog(box: Box): string[] {
  return readFileSync(join(box.state, "log"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { log: string; stream: string; time: string })
    .map(({ log, stream }) => `${stream[3]} ${log}`);
}

/** A client process whose output is collected. */
export function startClient(t: Test, args: readonly string[]): ChildProcess & { readonly text: () => string } {
  const child = spawn(sandboxProgram, args, { stdio: ["pipe", "pipe", "pipe", "pipe"], env: {} });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text += chunk));
  child.stdin?.on("error", () => undefined);
  t.teardown(() => void child.kill("SIGKILL"));
  return Object.assign(child, { text: () => text });
}

export const ended = (child: ChildProcess): Promise<number | string | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode ?? child.signalCode)
    : new Promise((done) => child.once("close", (code, signal) => done(code ?? signal)));

export function frame(type: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(8);
  head[0] = type;
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => void bytes.writeUInt32LE(value, 4 * at));
  return bytes;
}

/** A raw connection to the attach socket that collects frames. */
export interface Wire {
  readonly socket: Socket;
  readonly frames: { readonly type: number; readonly payload: Buffer }[];
  /** Everything of the frames of one type. */
  text(type: number): string;
  readonly closed: Promise<void>;
}

export async function openWire(t: Test, box: Box): Promise<Wire> {
  const directory = openSync(box.state, "r");
  const socket = connect(`/proc/self/fd/${directory}/attach`);
  const frames: { type: number; payload: Buffer }[] = [];
  let pending = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 8 && pending.length >= 8 + pending.readUInt32LE(4)) {
      const end = 8 + pending.readUInt32LE(4);
      frames.push({ type: pending[0] ?? 0, payload: pending.subarray(8, end) });
      pending = pending.subarray(end);
    }
  });
  const closed = new Promise<void>((done) => socket.once("close", () => done()));
  await new Promise<void>((done, failed) => socket.once("connect", done).once("error", failed));
  closeSync(directory);
  t.teardown(() => void socket.destroy());
  const text = (type: number) => Buffer.concat(frames.filter((one) => one.type === type).map((one) => one.payload)).toString();
  return { socket, frames, text, closed };
}
