// What is true of a container now: its record joined with the monitor's files and the kernel's processes.

import { readOomKills } from "../../cgroup/usage.ts";
import type { HealthState } from "../../container/health.ts";
import type { ContainerRecord, ContainerState, ExitRecord } from "../../container/record.ts";
import { isNextRunDue } from "../../container/restart.ts";
import { readFreezer } from "../../kernel/cgroup/process.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import {
  type ExitFile,
  type MonitorFile,
  readExitFile,
  readHealthFile,
  readMonitorFile,
  readRestartingFile,
} from "../../kernel/sandbox/state.ts";
import { getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { isLocked } from "../lock.ts";
import { containerDirectory } from "./directory.ts";

export interface Observation extends ContainerState {
  /** Files of a run that nobody has cleaned up yet; undefined when there is none. */
  readonly monitor?: MonitorFile;
  readonly exitFile?: ExitFile;
}

/** Reads a few small files and at most two /proc entries; once more from the beginning where the next run began between two looks. */
export function observeContainer(engine: Engine, record: ContainerRecord): Observation {
  const directory = containerDirectory(engine.root, record.id).path;
  const monitor = record.run ? readMonitorFile(directory) : undefined;
  if (!monitor) return settled(engine, record);
  let exitFile = readExitFile(directory);
  // Process 1 dies with the monitor. One that has ended is told by the file: until then the monitor still passes on its last output.
  const alive = () => isRunning({ pid: monitor.monitorPid, startTime: monitor.monitorStart });
  if (!exitFile && alive()) return running(record, monitor, directory);
  // It may have ended, and have been cleaned up, between the looks at the two.
  exitFile ??= readExitFile(directory);
  const exit = exitFile ? exitOfFile(exitFile, record) : lostExit();
  // The file is there before the exit record is.
  const isRestarting = exitFile !== undefined && readRestartingFile(directory) !== undefined && alive();
  // What is missing is missing of a run that is over: its files have gone, or are those of the next one.
  if (!isRestarting && readMonitorFile(directory)?.monitorStart !== monitor.monitorStart) return again(engine, record);
  return {
    record: { ...record, exit },
    status: isRestarting ? "restarting" : "exited",
    pid: 0,
    monitorPid: isRestarting ? monitor.monitorPid : 0,
    paused: false,
    monitor,
    ...(exitFile ? { exitFile } : {}),
  };
}

function running(record: ContainerRecord, monitor: MonitorFile, directory: string): Observation {
  let paused: boolean | undefined;
  let health: HealthState | undefined;
  return {
    record,
    status: "running",
    pid: monitor.initPid,
    monitorPid: monitor.monitorPid,
    monitor,
    get paused() {
      paused ??= readFreezer(record.run?.cgroups ?? {}) === "frozen";
      return paused;
    },
    get health() {
      if (record.spec.health) health ??= readHealthFile(directory);
      return health;
    },
  };
}

const again = (engine: Engine, record: ContainerRecord): Observation =>
  observeContainer(engine, getContainer(engine.store, record.id) ?? record);

/** No run is under way: as the store has it, which a clean-up may have changed since `record` was read. */
function settled(engine: Engine, record: ContainerRecord): Observation {
  const current = record.run && !record.exit ? (getContainer(engine.store, record.id) ?? record) : record;
  const isDue = isNextRunDue(current);
  const isRestarting = isDue && isLocked(engine, record.id);
  if (isDue && !isRestarting && isDone(engine, current)) return again(engine, current);
  const status = isRestarting ? "restarting" : current.exit?.finishedMs ? "exited" : "created";
  return { record: current, status, pid: 0, monitorPid: 0, paused: false, health: current.exit?.health };
}

/** The command that was at the next run has made it, or given up, since `record` was read. */
function isDone(engine: Engine, { id, run, exit }: ContainerRecord): boolean {
  const now = getContainer(engine.store, id);
  if (now?.run?.startedMs !== run?.startedMs || now?.exit?.finishedMs !== exit?.finishedMs) return now !== undefined;
  return readMonitorFile(containerDirectory(engine.root, id).path) !== undefined;
}

/** The exit record of a monitor's file. */
export function exitOfFile(file: ExitFile, record: ContainerRecord): ExitRecord {
  const oomText = file.records.oom;
  const version = record.run?.cgroups.unified ? "v2" : "v1";
  return {
    exitCode: file.signal ? 128 + file.signal : file.code,
    signal: file.signal,
    finishedMs: file.finishedMs,
    oomKilled: oomText !== undefined && readOomKills(oomText, version) > 0,
    error: "",
  };
}

/** A monitor that was killed takes its container along (PR_SET_PDEATHSIG) and leaves no record: SIGKILL it was. */
function lostExit(): ExitRecord {
  return { exitCode: 137, signal: 9, finishedMs: Date.now(), oomKilled: false, error: "the container's monitor was killed" };
}
