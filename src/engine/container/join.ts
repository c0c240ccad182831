// Namespaces a container takes from another container: found by its running process.
import { TsnsError } from "../../base/error.ts";
import type { NamespaceMode } from "../../container/spec/isolation.ts";
import type { NetworkMode } from "../../container/spec/network.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { observeContainer } from "./observe.ts";

export interface JoinTargets {
  /** /proc/PID/ns files to join, per kind. */
  readonly paths: { readonly network?: string; readonly pid?: string; readonly ipc?: string; readonly uts?: string };
  /** Directory of the other container's generated hosts and resolv.conf, when its network is shared. */
  readonly networkFiles?: string;
}

/** Throws conflict when a container to join does not run, not-found when there is none. */
export function resolveJoins(engine: Engine, spec: ContainerSpec): JoinTargets {
  const path = (mode: NamespaceMode | NetworkMode, kind: string): string | undefined =>
    mode.mode === "container" ? `/proc/${runningPid(engine, mode.container)}/ns/${kind}` : undefined;
  const network = path(spec.network, "net");
  const pid = path(spec.pid, "pid");
  const ipc = path(spec.ipc, "ipc");
  const uts = path(spec.uts, "uts");
  return {
    paths: { ...(network ? { network } : {}), ...(pid ? { pid } : {}), ...(ipc ? { ipc } : {}), ...(uts ? { uts } : {}) },
    ...(spec.network.mode === "container"
      ? { networkFiles: containerDirectory(engine.root, findContainer(engine.store, spec.network.container).id).path }
      : {}),
  };
}

function runningPid(engine: Engine, reference: string): number {
  const state = observeContainer(engine, findContainer(engine.store, reference));
  if (state.status !== "running") {
    throw new TsnsError("conflict", "container-not-running", `cannot join container ${reference}: it is not running`, {
      hint: `start it with tsns start ${reference}`,
      exitCode: 125,
    });
  }
  return state.pid;
}
