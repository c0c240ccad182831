// How an OCI runtime says what went wrong: on standard error as tsns does, and in the file of --log in one of the two formats that its callers read.
import { appendFileSync } from "node:fs";
import { escapeControl } from "../../src/base/text.ts";

export type LogLevel = "debug" | "warning" | "error";

export interface RuntimeLog {
  /** Writes to the file; false where there is none, or it cannot be written, which is no reason to stop. */
  add(level: LogLevel, text: string): boolean;
}

export function openLog(path: string | undefined, format: string | undefined): RuntimeLog {
  return {
    add(level, text) {
      if (path === undefined || path === "") return false;
      try {
        appendFileSync(path, renderLog(format === "json" ? "json" : "text", level, text, new Date()), { mode: 0o600 });
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** One line. */
export function renderLog(format: "text" | "json", level: LogLevel, text: string, time: Date): string {
  const at = time.toISOString();
  if (format === "json") return `${JSON.stringify({ level, msg: text, time: at })}\n`;
  return `time=${JSON.stringify(at)} level=${level} msg=${JSON.stringify(escapeControl(text))}\n`;
}
