// Namespaces a container takes from another container: found by its running process.
import { TsnsError } from "../../base/error.ts";
import type { SharedMemory } from "../../container/sandbox-mount.ts";
import type { IpcMode, NamespaceMode } from "../../container/spec/isolation.ts";
import type { NetworkMode } from "../../container/spec/network.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { type Observation, observeContainer } from "./observe.ts";

export interface JoinTargets {
  /** /proc/PID/ns files to join, per kind. */
  readonly paths: {
    readonly network?: string;
    readonly pid?: string;
    readonly ipc?: string;
    readonly uts?: string;
    readonly sharedMemory?: string;
  };
  /** Whose /dev/shm is mounted, when its ipc namespace is shared. */
  readonly sharedMemory?: SharedMemory;
  /** Directory of the other container's generated hosts and resolv.conf, when its network is shared. */
  readonly networkFiles?: string;
}

/** Throws conflict when a container to join does not run, not-found when there is none. */
export function resolveJoins(engine: Engine, spec: ContainerSpec): JoinTargets {
  const path = (mode: IpcMode | NamespaceMode | NetworkMode, kind: string): string | undefined =>
    mode.mode === "container" ? `/proc/${runningPid(engine, mode.container)}/ns/${kind}` : undefined;
  const network = path(spec.network, "net");
  const pid = path(spec.pid, "pid");
  const ipc = path(spec.ipc, "ipc");
  const sharedMemory = spec.ipc.mode === "container" ? shareableMemory(engine, spec.ipc.container) : undefined;
  const uts = path(spec.uts, "uts");
  return {
    paths: {
      ...(network ? { network } : {}),
      ...(pid ? { pid } : {}),
      ...(ipc ? { ipc } : {}),
      ...(uts ? { uts } : {}),
      ...(sharedMemory ? { sharedMemory: sharedMemory.path } : {}),
    },
    ...(sharedMemory ? { sharedMemory } : {}),
    ...(spec.network.mode === "container"
      ? { networkFiles: containerDirectory(engine.root, findContainer(engine.store, spec.network.container).id).path }
      : {}),
  };
}

/** Throws conflict in docker's words for a container that keeps its own to itself. */
function shareableMemory(engine: Engine, reference: string): SharedMemory {
  const { record, pid, monitor } = runningState(engine, reference);
  const { mode } = record.spec.ipc;
  if (mode === "private" || mode === "none") {
    throw new TsnsError("conflict", "ipc-not-shareable", `can't join IPC of container ${record.name}: non-shareable IPC`, {
      hint: "use --ipc shareable for the donor container",
      exitCode: 125,
    });
  }
  return { pid, startTime: monitor?.initStart ?? 0, path: `/proc/${pid}/root/dev/shm` };
}

const runningPid = (engine: Engine, reference: string): number => runningState(engine, reference).pid;

function runningState(engine: Engine, reference: string): Observation {
  const state = observeContainer(engine, findContainer(engine.store, reference));
  if (state.status !== "running") {
    const { name } = state.record;
    throw new TsnsError("conflict", "container-not-running", `cannot join container ${name}: it is not running`, {
      hint: `start it with tsns start ${name}`,
      exitCode: 125,
    });
  }
  return state;
}
