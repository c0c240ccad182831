// The files a monitor leaves in a container's state directory (native/README.md, "Files in the state directory").
import { appendFileSync, existsSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { HealthState } from "../../container/health.ts";
import { readTextIfThere } from "../text-file.ts";

export interface MonitorFile {
  readonly monitorPid: number;
  readonly monitorStart: number;
  readonly initPid: number;
  readonly initStart: number;
}

export interface ExitFile {
  readonly code: number;
  /** Signal that ended process 1; 0 for none. */
  readonly signal: number;
  readonly finishedMs: number;
  /** Files copied at exit, by name. */
  readonly records: Readonly<Record<string, string>>;
}

const readText = (path: string): string | undefined => readTextIfThere(path, "ENOENT", "ENOTDIR");

/** Pids of the last run; undefined when it was cleaned up or never started. */
export function readMonitorFile(directory: string): MonitorFile | undefined {
  const text = readText(`${directory}/monitor`);
  return text === undefined ? undefined : parseMonitorFile(text);
}

/** Strict, as signals are sent to these pids; undefined for anything else. */
export function parseMonitorFile(text: string): MonitorFile | undefined {
  if (!/^([1-9]\d{0,14} ){3}[1-9]\d{0,14}\n?$/.test(text)) return undefined;
  const [monitorPid = 0, monitorStart = 0, initPid = 0, initStart = 0] = text.trimEnd().split(" ").map(Number);
  return { monitorPid, monitorStart, initPid, initStart };
}

/** The exit record of the last run, once process 1 has ended. */
export function readExitFile(directory: string): ExitFile | undefined {
  const text = readText(`${directory}/exit`);
  return text === undefined ? undefined : parseExitFile(text);
}

/** A code that cannot be read is 255, other missing numbers are 0. */
export function parseExitFile(text: string): ExitFile {
  const records: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf(" ");
    if (at > 0) records[line.slice(0, at)] = unescapeRecord(line.slice(at + 1));
  }
  return {
    code: parseNumber(records.code) ?? 255,
    signal: parseNumber(records.signal) ?? 0,
    finishedMs: Math.floor((parseNumber(records.finished) ?? 0) * 1000),
    records,
  };
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

function unescapeRecord(text: string): string {
  return text.replaceAll(/\\(n|\\|x[0-9a-f]{2})/g, (_, code: string) =>
    code === "n" ? "\n" : code === "\\" ? "\\" : String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
}

/**
 * Says which tsns process cleans up after the container ends; the monitor reads it then. On a full disk it goes unsaid, and the
 * monitor's own clean-up meets that process's, which is only a waste.
 */
export function writeOwnerFile(directory: string, pid: number, startTime: number): void {
  writeNote(() => writeFileSync(`${directory}/owner`, `${pid} ${startTime}\n`));
}

/** Whether somebody ends, or has ended, the run on purpose. */
export function isMarkedStopped(directory: string): boolean {
  return existsSync(`${directory}/stopped`);
}

/** Until when the monitor waits before the container is started again; undefined while it does not. */
export function readRestartingFile(directory: string): { readonly count: number; readonly nextMs: number } | undefined {
  const match = /^(\d{1,15}) (\d{1,15})\n?$/.exec(readText(`${directory}/restarting`) ?? "");
  return match ? { count: Number(match[1]), nextMs: Number(match[2]) } : undefined;
}

/** Gives a monitor that runs another text for its events (native/README.md, `events`); nothing where none runs. */
export function rewriteActor(directory: string, text: string): void {
  writeNote(() => {
    if (!existsSync(`${directory}/actor`)) return;
    writeFileSync(`${directory}/actor.new`, text, { mode: 0o600 });
    renameSync(`${directory}/actor.new`, `${directory}/actor`);
  });
}

/** What the monitor knows of the container's health; undefined before it has written it. */
export function readHealthFile(directory: string): HealthState | undefined {
  return parseHealthFile(readText(`${directory}/health`) ?? "");
}

/** Lines that cannot be read are left out; undefined without a status. */
export function parseHealthFile(text: string): HealthState | undefined {
  const [first = "", ...lines] = text.split("\n");
  const [, status, streak] = /^(starting|healthy|unhealthy) (\d{1,15})$/.exec(first) ?? [];
  if (status === undefined) return undefined;
  const log = lines.flatMap((line) => {
    const match = /^(\d{10,20}) (\d{10,20}) (-1|\d{1,3}) (.*)$/.exec(line);
    if (!match) return [];
    const [, start = "", end = "", code, output = ""] = match;
    const ms = (nanos: string) => Math.floor(Number(nanos.slice(0, -3)) / 1000);
    return [{ startMs: ms(start), endMs: ms(end), exitCode: Number(code), output: unescapeRecord(output) }];
  });
  return { status: status as HealthState["status"], failingStreak: Number(streak), log };
}

/** Says that somebody ends the run on purpose: no restart policy applies to its end. Before any signal is sent. */
export function markStopped(directory: string): void {
  writeNote(() => writeFileSync(`${directory}/stopped`, ""));
}

/** Who ended a run, and how. */
export interface Sender {
  readonly signal: number;
  readonly pid: number;
  readonly uid: number;
  /** The command, such as `stop`, `kill`, `rm`, or `health`. */
  readonly word: string;
  readonly atMs: number;
}

/** Notes who sends a signal, before it is sent: the kernel keeps no such record. */
export function noteSender(directory: string, { signal, pid, uid, word, atMs }: Sender): void {
  writeNote(() => appendFileSync(`${directory}/sender`, `${signal} ${pid} ${uid} ${word} ${atMs}\n`));
}

/** The signals that tsns sent to a run, oldest first. */
export function readSenders(directory: string): Sender[] {
  return (readText(`${directory}/sender`) ?? "").split("\n").flatMap((line) => {
    const match = /^(\d+) (\d+) (\d+) (\S+) (\d+)$/.exec(line);
    if (!match) return [];
    const [, signal, pid, uid, word = "", atMs] = match;
    return [{ signal: Number(signal), pid: Number(pid), uid: Number(uid), word, atMs: Number(atMs) }];
  });
}

function writeNote(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isErrno(error, "ENOSPC", "EDQUOT")) throw error;
  }
}

/** Tells the monitor that the clean-up is done. */
export function removeMonitorFile(directory: string): void {
  for (const name of ["monitor", "exit", "owner", "stopped", "sender", "restarting", "restart", "health", "probe", "actor", "attach"]) {
    try {
      unlinkSync(`${directory}/${name}`);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}
