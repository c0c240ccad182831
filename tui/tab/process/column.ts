// The columns of processes. Pure.
import type { ProcessUse } from "../../../src/engine/live/process.ts";
import { shortBytes, shortPercent } from "../../draw/amount.ts";
import type { Role } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";

/** A process in its place of the list. */
export interface ProcessRow {
  readonly use: ProcessUse;
  /** Branches before its command, where the list is a tree. */
  readonly branch: string;
}

const stateWords: Readonly<Record<string, { readonly text: string; readonly role: Role }>> = {
  R: { text: "runs", role: "good" },
  S: { text: "sleeps", role: "plain" },
  D: { text: "waits", role: "warning" },
  Z: { text: "zombie", role: "bad" },
  T: { text: "stopped", role: "warning" },
  t: { text: "traced", role: "warning" },
  X: { text: "dead", role: "bad" },
  I: { text: "idle", role: "dim" },
};

/** The kernel's letter in a word (proc_pid_stat(5)); one that is not known stays a letter. */
export const renderState = (letter: string): { readonly text: string; readonly role: Role } =>
  stateWords[letter] ?? { text: letter, role: "plain" };

const two = (value: number): string => `${value}`.padStart(2, "0");

/** Time of a processor, in at most nine columns: "0:01.25", "12:34:56". */
export function renderCpuTime(seconds: number): string {
  // Ticks of a hundredth: what lies between is nothing but rounding.
  const hundredths = Math.round(seconds * 100);
  const whole = Math.floor(hundredths / 100);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}.${two(hundredths % 100)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** As it was started; of a process without arguments (a zombie) its name in brackets. */
export const commandOf = ({ args, comm }: ProcessUse): string => (args.length > 0 ? args.join(" ") : `[${comm}]`);

const percent = (value: number | undefined): string => (value === undefined ? "-" : shortPercent(value));

const named: readonly Column<ProcessRow>[] = [
  { name: "pid", title: "PID", least: 7, align: "right", cell: ({ use }) => `${use.pid}` },
  { name: "inner", title: "INSIDE", least: 7, align: "right", priority: 3, cell: ({ use }) => `${use.innerPid}` },
  { name: "user", title: "USER", least: 8, priority: 2, cell: ({ use }) => use.user },
  { name: "cpu", title: "CPU %", least: 6, align: "right", cell: ({ use }) => percent(use.cpuPercent) },
  { name: "memory", title: "MEMORY", least: 7, align: "right", cell: ({ use }) => shortBytes(use.residentBytes) },
  { name: "state", title: "STATE", least: 7, priority: 1, cell: ({ use }) => renderState(use.state) },
  { name: "time", title: "TIME", least: 8, align: "right", priority: 1, cell: ({ use }) => renderCpuTime(use.cpuSeconds) },
  { name: "command", title: "COMMAND", least: 12, grows: 1, cell: ({ use, branch }) => `${branch}${commandOf(use)}` },
];

/** `hasContainer`: with the name of the container each is in. */
export function processColumns(hasContainer: boolean): readonly Column<ProcessRow>[] {
  if (!hasContainer) return named;
  const container: Column<ProcessRow> = {
    name: "container",
    title: "CONTAINER",
    least: 10,
    grows: 0.4,
    cell: ({ use }) => use.containerName,
  };
  return [...named.slice(0, 1), container, ...named.slice(1)];
}

/** What processes are sorted by. */
export const processOrders: Readonly<Record<string, (use: ProcessUse) => string | number>> = {
  cpu: ({ cpuPercent }) => cpuPercent ?? -1,
  memory: ({ residentBytes }) => residentBytes,
  time: ({ cpuSeconds }) => cpuSeconds,
  pid: ({ pid }) => pid,
  user: ({ user }) => user,
  container: ({ containerName }) => containerName,
  command: commandOf,
};

/** Orders that begin with the most. */
export const descendingOrders: ReadonlySet<string> = new Set(["cpu", "memory", "time"]);
