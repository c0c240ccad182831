// Faults on demand and what they leave: kills the shipped command at a chosen system call, lists everything of a data
// root that is on the host. Works on the command from outside; the command knows nothing of it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Test } from "tap";
import { command, type DataRoot, type Outcome, outcomeOf } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

/** System calls of one thread, the main one, by name and how often. */
export type CallCounts = ReadonlyMap<string, number>;

export interface Traced extends Outcome {
  /** The fault was reached: the command died by it. */
  readonly killed: boolean;
  readonly calls: CallCounts;
}

export interface Fault {
  readonly call: string;
  /** Which call of that name, from 1. */
  readonly at: number;
}

/** Runs the command under strace(1), which follows only its main thread: helpers it starts are left alone. */
export async function traced(root: DataRoot, args: readonly string[], calls: readonly string[], fault?: Fault): Promise<Traced> {
  const folder = mkdtempSync(join(tmpdir(), "tsns-strace-"));
  const log = join(folder, "log");
  const inject = fault ? ["-e", `inject=${fault.call}:signal=KILL:when=${fault.at}`] : [];
  const argv = ["-qq", "-s0", "-o", log, "-e", `trace=${calls.join(",")}`, "-e", "signal=none", ...inject, command, ...args];
  try {
    const child = spawn("strace", argv, { env: root.env(), cwd: "/", stdio: "pipe" });
    child.stdin.on("error", () => {});
    child.stdin.end();
    const outcome = await outcomeOf(child, `tsns ${args.join(" ")}`, 60_000);
    const counts = new Map<string, number>();
    for (const line of readFileSync(log, "utf8").split("\n")) {
      const name = /^(\w+)\(/.exec(line)?.[1];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return { ...outcome, killed: outcome.code === 137, calls: counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every fault of these calls, or as many as `limit` evenly spread over them. */
export function faultsOf(counts: CallCounts, limit: number): Fault[] {
  const all = [...counts].flatMap(([call, count]) => Array.from({ length: count }, (_, index): Fault => ({ call, at: index + 1 })));
  if (all.length <= limit) return all;
  return Array.from({ length: limit }, (_, index) => all[Math.floor((index * all.length) / limit)] as Fault);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // gone, or of a process that is going
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

export interface OwnProcess {
  readonly pid: number;
  readonly name: string;
}

/** Living processes that hold a file below `path` open, work there, or have a mount of it that this process has not. */
export function processesOf(path: string): OwnProcess[] {
  const own = new Set(textOf("/proc/self/mountinfo").split("\n"));
  const uses = (pid: string): boolean =>
    namesIn(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith(`${path}/`)) ||
    linkOf(`/proc/${pid}/cwd`).startsWith(`${path}/`) ||
    textOf(`/proc/${pid}/mountinfo`)
      .split("\n")
      .some((line) => line.includes(`${path}/`) && !own.has(line));
  return namesIn("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && uses(name))
    .map((pid) => ({ pid: Number(pid), name: textOf(`/proc/${pid}/comm`).trim() }));
}

/** Rows of a table of the root's store. */
export function rowsOf(root: DataRoot, table: string): Readonly<Record<string, unknown>>[] {
  if (!existsSync(`${root.path}/store.db`)) return [];
  const store = new DatabaseSync(`${root.path}/store.db`, { readOnly: true, timeout: 10_000 });
  try {
    return store.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[];
  } finally {
    store.close();
  }
}

/** Ids of containers that a root's store or directories know. */
export function idsOf(root: DataRoot): string[] {
  return [...new Set([...rowsOf(root, "container").map((row) => String(row.id)), ...namesIn(`${root.path}/containers`)])];
}

/** Cgroups of these containers in every hierarchy. */
export function cgroupsOf(ids: Iterable<string>): string[] {
  const wanted = new Set([...ids].map((id) => `tsns-${id}`));
  return namesIn("/sys/fs/cgroup").flatMap((mount) =>
    namesIn(`/sys/fs/cgroup/${mount}`)
      .filter((name) => wanted.has(name))
      .map((name) => `/sys/fs/cgroup/${mount}/${name}`),
  );
}

/** Rules that carry one of these containers' ids. */
export function rulesOf(ids: Iterable<string>): string[] {
  const owners = [...ids].map((id) => id.slice(0, 12));
  // null where a test has hidden the program
  const said: string = spawnSync("iptables-save", { encoding: "utf8" }).stdout ?? "";
  return said.split("\n").filter((line) => owners.some((owner) => line.includes(owner)));
}

/** Ports of the root's bridges. */
export function portsOfBridges(root: DataRoot): string[] {
  return rowsOf(root, "network").flatMap((row) => {
    const { bridge } = (JSON.parse(String(row.spec)) as { spec: { bridge: string } }).spec;
    return namesIn(`/sys/class/net/${bridge}/brif`);
  });
}

/**
 * What is on the host and in the store of these containers, which are gone: nothing, if all is well. `others` are
 * containers of the root that are meant to be there.
 */
export function leftOf(root: DataRoot, ids: Iterable<string>, others: readonly string[] = []): string[] {
  const gone = [...ids].filter((id) => !others.includes(id));
  const isGone = (text: unknown) => gone.some((id) => String(text).includes(id.slice(0, 12)));
  const rows = (table: string, column: string) =>
    rowsOf(root, table)
      .filter((row) => isGone(row[column]))
      .map((row) => `${table} ${row[column]}`);
  return [
    ...gone.flatMap((id) => processesOf(`${root.path}/containers/${id}`).map(({ pid, name }) => `process ${pid} ${name} of ${id}`)),
    ...cgroupsOf(gone),
    ...rulesOf(gone).map((rule) => `rule ${rule}`),
    ...textOf("/proc/self/mountinfo")
      .split("\n")
      .filter((line) => isGone(line)),
    ...namesIn(`${root.path}/containers`).filter((name) => !others.includes(name)),
    ...namesIn(`${root.path}/tmp`),
    ...["container", "journal", "address_lease", "port_lease", "operation"].flatMap((table) =>
      rows(table, { container: "id", journal: "owner", operation: "owner" }[table] ?? "container"),
    ),
  ];
}

/** Asserts `leftOf`; the last to go is the monitor, which waits for the command that cleans up. */
export async function nothingLeft(t: Test, root: DataRoot, ids: Iterable<string>, others: readonly string[] = []): Promise<void> {
  const left = () => leftOf(root, ids, others);
  await waitFor("everything to be gone", () => left().length === 0).catch(() => {});
  t.same(left(), [], "nothing is left");
}
