// One process as /proc/<pid>/stat tells it (proc_pid_stat(5)). Whether a recorded process still runs is in identity.ts.
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";

export interface ProcessStat {
  readonly pid: number;
  /** Up to 15 bytes; may hold spaces, parentheses, newlines. */
  readonly comm: string;
  /** R, S, D, Z, T, t, X, I ... */
  readonly state: string;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly session: number;
  /** Device number of the controlling terminal, 0 for none. */
  readonly ttyDevice: number;
  /** CPU time in ticks. */
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly nice: number;
  readonly threads: number;
  /** Ticks from boot to the start: with the pid it names a process for as long as the machine runs. */
  readonly startTicks: number;
  readonly virtualBytes: number;
  readonly residentPages: number;
}

/** Parses the text, or undefined if it is none. The name ends at the last parenthesis: what follows it are numbers. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const pid = Number(text.slice(0, open));
  if (open < 1 || close < open || !Number.isSafeInteger(pid)) return undefined;
  const fields = text
    .slice(close + 1)
    .trim()
    .split(" ");
  // field(3) is the state, as the manual numbers them
  const field = (number: number) => fields[number - 3] ?? "";
  const numbers = [4, 5, 6, 7, 14, 15, 19, 20, 22, 23, 24].map((number) => Number(field(number) || Number.NaN));
  if (numbers.some((number) => Number.isNaN(number)) || field(3).length !== 1) return undefined;
  const [parentPid = 0, processGroup = 0, session = 0, ttyDevice = 0, userTicks = 0, systemTicks = 0] = numbers;
  const [nice = 0, threads = 0, startTicks = 0, virtualBytes = 0, residentPages = 0] = numbers.slice(6);
  return {
    pid,
    comm: text.slice(open + 1, close),
    state: field(3),
    parentPid,
    processGroup,
    session,
    ttyDevice,
    userTicks,
    systemTicks,
    nice,
    threads,
    startTicks,
    virtualBytes,
    residentPages,
  };
}

/** Text of /proc/<pid>/<file>, or undefined when the process is gone (ESRCH: it went while it was read). */
export function readProcessFile(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** The process now, or undefined when there is none. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const text = readProcessFile(pid, "stat");
  return text === undefined ? undefined : parseProcessStat(text);
}
