// What a container's monitor is told of its health check: the clock, and the plan by which each probe enters the container.
import { planEntry } from "../../container/entry.ts";
import { healthNumbers, probeCommand } from "../../container/health.ts";
import { compileProcess } from "../../container/oci/process.ts";
import type { Confinement } from "../../container/sandbox-process.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import type { Operation } from "../../plan/operation.ts";
import { readBoundingSet } from "./host-fact.ts";

/** No operations for a container that is not to be asked. `cgroups`: its directories by controller. */
export function healthOperations(
  spec: ContainerSpec,
  cgroups: Readonly<Record<string, string>>,
  confinement: Confinement,
): readonly Operation[] {
  const command = probeCommand(spec.health, spec.healthShell);
  if (!spec.health || !command) return [];
  const process = compileProcess({ ...spec, entrypoint: [], cmd: command, tty: false }, readBoundingSet());
  const entry = planEntry(process, {
    pid: 0,
    startTime: 0,
    userNamespace: spec.userNamespace !== undefined,
    timeNamespace: spec.timeNamespace !== undefined,
    stdin: false,
    discardOutput: false,
    cgroupDirectories: cgroups,
    confinement,
  });
  const operations = flattenOperations(entry);
  // The parent of all that comes from the command: nothing of a probe is left to the container's process 1.
  const kept = [...operations.slice(0, -1), ["keeper"], ...operations.slice(-1)];
  return [
    ["health", ...healthNumbers(spec.health).map(String), freezerFile(cgroups)],
    ...kept.map((operation): Operation => ["probe", ...operation]),
  ];
}

/** Whose content begins with F or 1 while the container is paused: a probe would only stand still. */
function freezerFile({ unified, freezer }: Readonly<Record<string, string>>): string {
  if (unified !== undefined) return `${unified}/cgroup.freeze`;
  return freezer === undefined ? "" : `${freezer}/freezer.state`;
}
