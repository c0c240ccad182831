// The columns of `ps -ef`, which is what docker top shows by default, made of process values. Pure.
import type { ProcessState } from "./process.ts";

export const topTitles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"] as const;

/** Name of a terminal by its device number as ps(1) prints it: "pts/0", "tty1", "ttyS0", "console", "?" for none. */
export function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (device === 0) return "?";
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 5 && minor === 1) return "console";
  if (major === 229) return `hvc${minor}`;
  return "?";
}

/** CPU time as `[DD-]HH:MM:SS`. */
export function renderCpuTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / 86_400);
  const parts = [Math.floor((whole % 86_400) / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const clock = parts.map((part) => `${part}`.padStart(2, "0")).join(":");
  return days > 0 ? `${`${days}`.padStart(2, "0")}-${clock}` : clock;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Start as ps prints it in local time: "14:05" today, "Nov20" this year, else the year. */
export function renderStart(startedMs: number, nowMs: number): string {
  const start = new Date(startedMs);
  const now = new Date(nowMs);
  if (start.getFullYear() !== now.getFullYear()) return `${start.getFullYear()}`;
  if (start.getMonth() !== now.getMonth() || start.getDate() !== now.getDate()) {
    return `${months[start.getMonth()]}${`${start.getDate()}`.padStart(2, "0")}`;
  }
  return `${`${start.getHours()}`.padStart(2, "0")}:${`${start.getMinutes()}`.padStart(2, "0")}`;
}

/** A name of more than 8 characters would break ps's column: it cuts it and says so. */
function renderUser(user: string): string {
  return user.length > 8 ? `${user.slice(0, 7)}+` : user;
}

/** One row under `topTitles`. C is CPU time over life time in percent, at most 99. */
export function topRow(process: ProcessState, nowMs: number): readonly string[] {
  const livedSeconds = Math.max((nowMs - process.startedMs) / 1000, 0);
  const percent = livedSeconds > 0 ? Math.min(Math.floor((process.cpuSeconds / livedSeconds) * 100), 99) : 0;
  const name = process.state === "Z" ? `[${process.comm}] <defunct>` : `[${process.comm}]`;
  return [
    renderUser(process.user),
    `${process.pid}`,
    `${process.parentPid}`,
    `${percent}`,
    renderStart(process.startedMs, nowMs),
    terminalName(process.ttyDevice),
    renderCpuTime(process.cpuSeconds),
    process.args.length > 0 ? process.args.join(" ") : name,
  ];
}
