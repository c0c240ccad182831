// What a container's monitor is told (native/README.md): where it leaves its files, what it keeps of the output, what it does at the end.
import type { ContainerRecord } from "../../container/record.ts";
import { noRestarts, type RestartState, restartWords } from "../../container/restart.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { launcherProgram } from "../../kernel/sandbox/location.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Engine } from "../engine.ts";
import { eventFile } from "../event.ts";
import type { ContainerDirectory } from "./directory.ts";
import { actorText } from "./event.ts";

/** `logging`: where the output goes; `oom`: the file of the cgroup that counts its kills; `restarts`: how often it has been started again. */
export function monitorOperations(
  engine: Engine,
  record: ContainerRecord,
  directory: ContainerDirectory,
  logging: readonly Operation[],
  oom: { readonly name: string; readonly path: string } | undefined,
  restarts: RestartState = noRestarts,
): Operation[] {
  return [
    ["state", directory.path],
    ...streamOperations(record.spec),
    ...logging,
    ["owner", `${engine.self.pid}`, `${engine.self.startTime}`],
    ["on-exit", launcherProgram, "--root", engine.root, "container", "cleanup", record.id],
    ...evidenceOperations(oom),
    ...eventOperations(engine, record, oom),
    ...(record.spec.autoRemove ? [] : [["restart", ...restartWords(record.spec.restart, restarts)] satisfies Operation]),
  ];
}

/** The monitor tells of the end itself, as nobody else may be there, and of the start, which comes before it. */
function eventOperations(engine: Engine, record: ContainerRecord, oom: { readonly path: string } | undefined): Operation[] {
  return [
    ["events", eventFile(engine.root), "die", actorText(record)],
    ["event-start", "start"],
    ...(oom ? [["event-counted", "oom", oom.path, "oom_kill"] satisfies Operation] : []),
  ];
}

/** A terminal has no half that could be closed: it stays open when a client leaves, as docker has it. */
function streamOperations(spec: ContainerSpec): Operation[] {
  return [
    ["stdio", spec.tty ? "pty" : "pipe"],
    ["stdin", spec.openStdin ? (spec.stdinOnce && !spec.tty ? "once" : "open") : "none"],
  ];
}

/** Files that are read when it ends: they go with its groups. */
function evidenceOperations(oom: { readonly path: string } | undefined): Operation[] {
  return oom ? [["at-exit", "oom", oom.path]] : [];
}
