// Runs the native creator of the OCI runtime (native/README.md, `tsns-sandbox create`): a container that waits to be started, or a process that
// enters one. What it performs is the plan's business.
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { TsnsError } from "../../base/error.ts";
import { becomeProgram } from "../proc/become.ts";
import { busEnvironment } from "../systemd/environment.ts";
import { helperMissing, sandboxProgram } from "./location.ts";
import { parseReport, type SandboxFailure } from "./report.ts";

export interface CreatedProcess {
  readonly outcome: "created";
  readonly pid: number;
  readonly startTime: number;
}

export type CreatorReport = CreatedProcess | SandboxFailure;

/** Descriptors 3 to 2 + `kept` of this process reach the command under the same numbers; the report's comes after them. */
function streamsOf(kept: number): StdioOptions {
  return ["inherit", "inherit", "inherit", ...Array.from({ length: kept }, (_, at) => 3 + at), "pipe"];
}

const argumentsOf = (planPath: string, kept: number): string[] => [
  "create",
  planPath,
  "--report",
  `${3 + kept}`,
  ...(kept > 0 ? ["--keep", `${kept}`] : []),
];

/** `directory`: where hooks begin. Returns when the process waits, or runs, or could not be made. It is nobody's child here. */
export function createProcess(planPath: string, kept: number, directory: string): CreatorReport {
  const result = spawnSync(sandboxProgram, argumentsOf(planPath, kept), { stdio: streamsOf(kept), env: {}, cwd: directory });
  if (result.error) throw helperMissing(sandboxProgram, { cause: result.error });
  return parseCreator(String(result.output[3 + kept] ?? "")) ?? creatorDied(result.status, result.signal);
}

export interface AttendedProcess {
  readonly report: Promise<CreatorReport>;
  /** Its exit status, 128+signal. */
  readonly exited: Promise<number>;
  readonly child: ChildProcess;
}

/** As `createProcess`, with a creator that stays until the process ends: relays its terminal, passes signals on. */
export function attendProcess(planPath: string, kept: number, directory: string): AttendedProcess {
  const child = spawn(sandboxProgram, [...argumentsOf(planPath, kept), "--wait"], { stdio: streamsOf(kept), env: {}, cwd: directory });
  const exited = new Promise<number>((done, failed) => {
    child.once("error", (error) => failed(helperMissing(sandboxProgram, { cause: error })));
    child.once("exit", (code, signal) => done(code ?? (signal ? 137 : 125)));
  });
  return { child, exited, report: readReport(child, exited, 3 + kept) };
}

export interface CreatorTask {
  readonly planPath: string;
  /** As of `createProcess`. */
  readonly kept: number;
  /** The container's directory, absolute: gets the file `process` before that process may stay, and its lock is released. */
  readonly directory?: string;
  /** Absolute; written before the process may stay. */
  readonly pidFile?: string;
  /** Stays until the process ends. */
  readonly wait?: boolean;
  /** A child of this process that is to be gone when the container has been made. */
  readonly placeholder?: number;
}

/**
 * This Node process ends here: the creator has its pid, and so its locks. `onFailure`: program and arguments of what says that nothing could be made,
 * the report behind them; its exit status is this process's.
 */
export function becomeCreator({ planPath, kept, directory, pidFile, wait, placeholder }: CreatorTask, onFailure: readonly string[]): never {
  const words = [
    ...["tsns-sandbox", "create", planPath],
    ...(directory === undefined ? [] : ["--made", directory]),
    ...(wait ? ["--wait"] : []),
    ...(pidFile === undefined ? [] : ["--pid-file", pidFile]),
    ...(placeholder === undefined ? [] : ["--placeholder", `${placeholder}`]),
    ...(kept > 0 ? ["--keep", `${kept}`] : []),
  ];
  const { TSNS_NODE } = process.env;
  // What takes back a failure asks systemd, where that has made the groups.
  const env = { ...(TSNS_NODE === undefined ? {} : { TSNS_NODE }), ...busEnvironment() };
  becomeProgram(sandboxProgram, [...words, "--on-failure", `${onFailure.length}`, ...onFailure], env, kept);
  throw helperMissing(sandboxProgram);
}

async function readReport(child: ChildProcess, exited: Promise<number>, descriptor: number): Promise<CreatorReport> {
  const stream = child.stdio[descriptor];
  if (!stream || !("setEncoding" in stream)) {
    await exited;
    throw helperMissing(sandboxProgram);
  }
  stream.setEncoding("utf8");
  const report = await new Promise<CreatorReport | undefined>((done) => {
    let text = "";
    stream.on("data", (chunk: string) => {
      text += chunk;
      const parsed = text.endsWith("\n") ? parseCreator(text) : undefined;
      if (parsed) done(parsed);
    });
    stream.once("close", () => done(parseCreator(text)));
  });
  return report ?? creatorDied(await exited, null);
}

/** "created PID START" where it waits at its gate, "started PID START" where there is none. */
export function parseCreator(text: string): CreatorReport | undefined {
  const [, pid, startTime] = /^(?:created|started) (\d+) (\d+)$/m.exec(text) ?? [];
  if (pid !== undefined) return { outcome: "created", pid: Number(pid), startTime: Number(startTime) };
  const report = parseReport(text);
  return report?.outcome === "failed" ? report : undefined;
}

function creatorDied(code: number | null, signal: string | null): never {
  throw new TsnsError("internal", "creator-died", `the native creator ended early (${signal ?? `exit ${code}`})`);
}
