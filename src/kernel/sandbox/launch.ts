// Starts the native helper: detached (returns once the command runs) or with a terminal client that stays.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { KernelError, TsnsError } from "../../base/error.ts";
import { becomeProgram } from "../proc/become.ts";
import { encodeOperations } from "./encode.ts";
import { helperMissing, sandboxProgram } from "./location.ts";
import { parseReport, type SandboxReport } from "./report.ts";

export interface ClientOptions {
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Streams of the container that are not shown. */
  readonly mute?: readonly ("stdout" | "stderr")[];
  /** false: signals end the client and are not passed on. */
  readonly passSignals?: boolean;
  /** Bytes of the detach sequence in hexadecimal. */
  readonly detachKeysHex: string;
}

/** Hands the operation list over: a private file the helper removes when it has read it. Throws KernelError. */
export function writeOperations(planPath: string, operations: readonly (readonly string[])[]): void {
  try {
    writeFileSync(planPath, encodeOperations(operations), { mode: 0o600 });
  } catch (error) {
    rmSync(planPath, { force: true });
    if (!(error instanceof Error && "code" in error && typeof error.code === "string")) throw error;
    const hint = error.code === "ENOSPC" ? { hint: "free space below the data root" } : {};
    throw new KernelError("write", error.code, planPath, { cause: error, exitCode: 125, ...hint });
  }
}

/** As `writeOperations`, in /run (a tmpfs only root writes to) when the disk is full: to look into a container takes no space. */
export function writeOperationsAnywhere(planPath: string, operations: readonly (readonly string[])[]): string {
  try {
    writeOperations(planPath, operations);
    return planPath;
  } catch (error) {
    if (!(error instanceof KernelError) || error.errno !== "ENOSPC") throw error;
    // as long as the other path: the title of what reads it takes the place of its arguments
    const elsewhere = `/run/tsns-${process.pid}-${basename(dirname(planPath))}`;
    writeOperations(elsewhere, operations);
    return elsewhere;
  }
}

/** Starts a detached container; returns when its command runs or could not be started. */
export function launchDetached(planPath: string): SandboxReport {
  const result = spawnSync(sandboxProgram, ["run", planPath, "--report", "3"], { stdio: ["ignore", "ignore", "inherit", "pipe"], env: {} });
  if (result.error) throw helperMissing(sandboxProgram, { cause: result.error, exitCode: 125 });
  return parseReport(String(result.output[3] ?? "")) ?? helperDied(result.status, result.signal);
}

export interface AttachedLaunch {
  /** The terminal client; it exits with the container's status. */
  readonly child: ChildProcess;
  readonly report: Promise<SandboxReport>;
  /** Exit status of the client: the container's, or 0 after the detach keys. */
  readonly exited: Promise<number>;
}

/** Arguments of the native terminal client. */
export function clientArguments(client: ClientOptions): string[] {
  return [
    ...(client.stdin ? ["--stdin"] : []),
    ...(client.tty ? ["--tty"] : []),
    ...(client.mute ?? []).map((stream) => `--no-${stream}`),
    ...(client.passSignals === false ? ["--no-signals"] : []),
    ...["--detach-keys", client.detachKeysHex],
  ];
}

/** Starts a container with this process's standard streams relayed to it. */
export function launchAttached(planPath: string, client: ClientOptions): AttachedLaunch {
  const args = ["run", planPath, "--attach", ...clientArguments(client), "--report", "3"];
  const child = spawn(sandboxProgram, args, { stdio: [client.stdin ? "inherit" : "ignore", "inherit", "inherit", "pipe"], env: {} });
  const exited = new Promise<number>((done, failed) => {
    child.once("error", (error) => failed(helperMissing(sandboxProgram, { cause: error, exitCode: 125 })));
    child.once("exit", (code, signal) => done(code ?? (signal ? 137 : 125)));
  });
  return { child, exited, report: readReport(child, exited) };
}

async function readReport(child: ChildProcess, exited: Promise<number>): Promise<SandboxReport> {
  const stream = child.stdio[3];
  if (!stream || !("setEncoding" in stream)) throw helperMissing(sandboxProgram, { exitCode: 125 });
  stream.setEncoding("utf8");
  const report = new Promise<SandboxReport | undefined>((done) => {
    let text = "";
    stream.on("data", (chunk: string) => {
      text += chunk;
      const parsed = text.endsWith("\n") ? parseReport(text) : undefined;
      if (parsed) done(parsed);
    });
    stream.once("close", () => done(parseReport(text)));
  });
  return (await Promise.race([report, exited.then(() => report)])) ?? helperDied(child.exitCode, child.signalCode);
}

/** First arguments of the native client that joins a running container. */
export function attachArguments(socket: string): string[] {
  return ["attach", socket];
}

/** Becomes the native helper: this Node process ends here and the terminal client has its pid. */
export function becomeHelper(args: readonly string[]): never {
  becomeProgram(sandboxProgram, ["tsns-sandbox", ...args], {});
  throw helperMissing(sandboxProgram, { exitCode: 125 });
}

function helperDied(code: number | null, signal: string | null): never {
  throw new TsnsError("internal", "helper-died", `the native helper ended early (${signal ?? `exit ${code}`})`, { exitCode: 125 });
}
