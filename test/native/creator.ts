// The native helper as an OCI runtime's tests use it: plans for `create`, their gates, starters. No policy of the engine's is in here.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { type Box, killIfAlive, makePlan, type PlanOptions, sandboxProgram, writePlan } from "./sandbox.ts";

export interface CreatePlan extends Omit<PlanOptions, "stdio" | "stdin" | "state" | "log"> {
  readonly stdio?: "null" | "pty" | "inherit";
  /** Without a gate the command begins at once. */
  readonly gate?: false;
  /** Between `await-start` and `exec`. */
  readonly last?: readonly Operation[];
}

export const gatePath = (box: Box): string => join(box.dir, "start");

/** A plan of `create` for `command` in `box`. */
export function createPlan(box: Box, command: readonly string[], options: CreatePlan = {}): Operation[] {
  const { stdio = "inherit", gate = true, last = [], ...rest } = options;
  const operations = makePlan(box, command, { ...rest, ...(stdio === "pty" ? { stdio } : {}) });
  const [exec] = operations.splice(-1);
  const awaits: Operation[] = gate ? [["await-start"]] : [];
  const begin: Operation[] = gate
    ? [
        ["stdio", stdio],
        ["gate", gatePath(box)],
      ]
    : [["stdio", stdio]];
  return [...begin, ...operations.slice(2), ...awaits, ...last, exec ?? ["end"]];
}

export interface Created {
  readonly code: number | null;
  readonly report: string;
  /** Of init; 0 when there is none. */
  readonly pid: number;
  /** What has been written to the file that is init's standard output and error. */
  readonly output: () => string;
}

/** Runs `create` to its end; what waits at a gate or runs then is killed when `t` ends. */
export function create(
  t: Test,
  box: Box,
  operations: readonly Operation[],
  args: readonly string[] = [],
  kept: readonly number[] = [],
): Created {
  const path = join(box.dir, `output-${counter++}`);
  const file = openSync(path, "a");
  const argv = ["create", writePlan(box.dir, operations), "--report", `${3 + kept.length}`, ...args];
  const stdio = ["ignore", file, file, ...kept, "pipe"] as const;
  const result = spawnSync(sandboxProgram, argv, { stdio: [...stdio], env: { SECRET: "of the creator" } });
  closeSync(file);
  const report = String(result.output?.[3 + kept.length]);
  return { code: result.status, report, pid: watch(t, report), output: () => readFileSync(path, "utf8") };
}

let counter = 0;

/** The pid that a report tells of; the process is killed when `t` ends. */
export function watch(t: Test, report: string): number {
  const [, pid, start] = report.match(/^(?:created|started) (\d+) (\d+)$/m) ?? [];
  if (pid === undefined) return 0;
  t.teardown(() => killIfAlive(Number(pid), Number(start)));
  return Number(pid);
}

export interface Creator {
  readonly child: ChildProcess;
  readonly report: () => string;
  readonly output: () => string;
  /** The creator has ended, and its report is whole. */
  readonly told: Promise<void>;
  /** All that init and creator write has come to its end: neither is there any more. */
  readonly silent: Promise<void>;
}

/** `create` as it goes on, as the user `id`. */
export function startCreator(t: Test, box: Box, operations: readonly Operation[], args: readonly string[] = [], id = 0): Creator {
  const argv = ["create", writePlan(box.dir, operations), "--report", "3", ...args];
  const child = spawn(sandboxProgram, argv, { stdio: ["pipe", "pipe", "pipe", "pipe"], env: {}, uid: id, gid: id });
  const text = { report: "", output: "" };
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    text.report += chunk;
    watch(t, text.report);
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text.output += chunk));
  const told = new Promise<void>((done) => child.stdio[3]?.once("close", () => done()));
  const silent = new Promise<void>((done) => child.stderr?.once("close", () => done()));
  child.stdin?.on("error", () => undefined);
  t.teardown(() => {
    child.kill("SIGKILL");
    // a container that nobody has been told of has them too, and would keep the test file from ending
    for (const stream of child.stdio) stream?.destroy();
  });
  return { child, report: () => text.report, output: () => text.output, told, silent };
}

export interface Caller {
  readonly socket: Socket;
  readonly text: () => string;
  /** Errno, or "" once the other side has closed. */
  readonly closed: Promise<string>;
}

/** Whether somebody listens there: the file is there a moment before (proc_net_unix: 00010000 is __SO_ACCEPTCON). */
export const isOpen = (path: string): boolean =>
  readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .some((line) => line.endsWith(` ${path}`) && line.split(" ")[3] === "00010000");

/** A connection to the gate that has sent nothing. */
export function call(t: Test, path: string): Caller {
  const socket = connect(path);
  let text = "";
  let error = "";
  socket.on("data", (chunk: Buffer) => (text += chunk));
  socket.on("error", (failure: NodeJS.ErrnoException) => (error = failure.code ?? ""));
  const closed = new Promise<string>((done) => socket.once("close", () => done(error)));
  t.teardown(() => void socket.destroy());
  return { socket, text: () => text, closed };
}

/** Starts what waits at the gate: what it has said until it closed, or the errno. */
export async function start(t: Test, path: string): Promise<string> {
  const caller = call(t, path);
  caller.socket.write("s");
  return (await caller.closed) || caller.text();
}
