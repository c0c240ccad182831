// What the store keeps of a container, and what is observed of it.
import type { Endpoint } from "../network/spec.ts";
import type { Step } from "../plan/step.ts";
import type { HealthState } from "./health.ts";
import type { RestartState } from "./restart.ts";
import type { BindMount } from "./spec/storage.ts";
import type { ContainerSpec } from "./spec.ts";

/** Set at start, cleared never: the last run of the container. Liveness is not stored, it is observed. */
export interface RunRecord {
  readonly startedMs: number;
  /** Absent: nobody but a person has started it. */
  readonly restarts?: RestartState;
  /** Its places on networks, the one of its network mode first; grows and shrinks with connect and disconnect. */
  readonly endpoints: readonly Endpoint[];
  /** Mounts that were added while it ran. */
  readonly mounts?: readonly LiveMount[];
  /** Directory of its cgroup per controller (v1) or under "unified" (v2). */
  readonly cgroups: Readonly<Record<string, string>>;
}

/** A mount of one run alone. */
export interface LiveMount {
  readonly mount: BindMount;
  /** Steps that remove what was made to mount on, innermost first. */
  readonly points: readonly Step[];
}

/** How the last run ended, read from the monitor's exit record, kept after clean-up. */
export interface ExitRecord {
  readonly exitCode: number;
  readonly signal: number;
  /** 0: its first start failed, it has never run. */
  readonly finishedMs: number;
  readonly oomKilled: boolean;
  readonly error: string;
  /** A command ended it on purpose: `unless-stopped` leaves it so. */
  readonly stoppedByUser?: boolean;
  /** It is about to be started again: who was at that may have been killed. */
  readonly restartDue?: boolean;
  /** What was known of its health. */
  readonly health?: HealthState;
}

export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly spec: ContainerSpec;
  readonly run?: RunRecord;
  readonly exit?: ExitRecord;
}

/** A paused container runs; one that is restarting waits for its next run and has no process. */
export type ContainerStatus = "created" | "running" | "restarting" | "exited" | "dead";

/** A container with what the kernel says about it now. */
export interface ContainerState {
  readonly record: ContainerRecord;
  readonly status: ContainerStatus;
  /** Process 1 of the container in the host's pid namespace; 0 when not running. */
  readonly pid: number;
  readonly monitorPid: number;
  /** Its processes are frozen. Asked of the kernel when it is read. */
  readonly paused: boolean;
  /** Of a container with a health check. Read from a file of the monitor's when it is read. */
  readonly health?: HealthState | undefined;
}

/** Something of it lives, though it may have no process just now. */
export const isLive = ({ status }: Pick<ContainerState, "status">): boolean => status === "running" || status === "restarting";

/** docker's word for the state. */
export function shownStatus(state: Pick<ContainerState, "status" | "paused">): ContainerStatus | "paused" {
  return state.status === "running" && state.paused ? "paused" : state.status;
}
