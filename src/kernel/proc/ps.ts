// The host's ps(1), for those who want its options: run, and read of its output what is about some processes.
import { spawnSync } from "node:child_process";
import { isErrno, TsnsError } from "../../base/error.ts";

export interface PsTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What ps prints. Throws unavailable without ps, invalid with what it says of its options. */
export function runPs(options: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync("ps", options, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) {
    throw new TsnsError("unavailable", "no-ps", `cannot run ps: ${isErrno(error, "ENOENT") ? "this machine has none" : error.message}`, {
      hint: "tsns top without options of ps needs none",
    });
  }
  if (status === 0) return stdout;
  const [said = ""] = stderr.split("\n").filter((line) => line.trim() !== "");
  throw new TsnsError("invalid", "ps-failed", `error running ps: ${said || `exit status ${status}`}`, { hint: "see ps(1)" });
}

/**
 * As docker reads it: columns by blanks, all that is left in the last one; the threads that `-m` shows follow their process. Throws invalid
 * without a column PID.
 */
export function parsePs(text: string, pids: ReadonlySet<number>): PsTable {
  const wordsOf = (line: string) => line.split(/\s+/).filter((word) => word !== "");
  const [header = "", ...lines] = text.split("\n");
  const titles = wordsOf(header);
  const pidColumn = titles.indexOf("PID");
  if (pidColumn < 0) {
    throw new TsnsError("invalid", "no-pid-column", "Couldn't find PID field in ps output", { hint: "let ps show it: -o pid,..." });
  }
  const rows: string[][] = [];
  let isOwn = false;
  for (const line of lines) {
    const words = wordsOf(line);
    if (words.length === 0) continue;
    const pid = words[pidColumn] ?? "";
    if (pid !== "-") isOwn = pids.has(Number(pid));
    if (isOwn) rows.push([...words.slice(0, titles.length - 1), words.slice(titles.length - 1).join(" ")]);
  }
  return { titles, rows };
}
