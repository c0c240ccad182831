// Runs another command in a running container: plans how to enter it and becomes the native helper, which does.

import { TsnsError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { parseDetachKeys } from "../../container/detach-key.ts";
import { planEntry } from "../../container/entry.ts";
import { compileProcess } from "../../container/oci/process.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { becomeHelper, clientArguments, launchDetached, writeOperationsAnywhere } from "../../kernel/sandbox/launch.ts";
import { launcherProgram } from "../../kernel/sandbox/location.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Engine } from "../engine.ts";
import { eventFile } from "../event.ts";
import { findEntered } from "./begun.ts";
import { confinementOf } from "./confinement.ts";
import { containerDirectory } from "./directory.ts";
import { actorText, recordContainerEvent } from "./event.ts";
import { execTitle } from "./exec-id.ts";
import { readBoundingSet } from "./host-fact.ts";
import { livingLinks, withLinkEnvironment } from "./link.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { requirePrivilege } from "./privilege.ts";
import { requireMoving } from "./refusal.ts";

export interface ExecRequest {
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly detach: boolean;
  readonly privileged: boolean;
  readonly detachKeys?: string;
}

/** docker exec. Attached, it does not return: this process becomes the terminal client. */
export async function execContainer(engine: Engine, reference: string, request: ExecRequest): Promise<void> {
  requirePrivilege();
  const record = findEntered(engine, reference);
  const observed = observeContainer(engine, record);
  requireMoving(observed, "exec");
  const execId = newId();
  // Its monitor tells of the end: this process is a terminal client by then, or gone.
  const events: Operation = ["events", eventFile(engine.root), "exec_die", actorText(record, { execID: execId })];
  // By its title `inspect` finds it while it runs: nothing is recorded that could outlive it.
  const title: Operation = ["title", execTitle(execId)];
  const operations = [events, title, ...flattenOperations(await planExec(engine, record, observed, request))];
  const wanted = `${containerDirectory(engine.root, record.id).path}/exec-${engine.self.pid}`;
  const step = { kind: "sandbox.start", operations, planPath: wanted } as const;
  if (engine.show({ steps: [{ step, because: `a process enters ${record.name} and becomes the command` }] })) return;
  const planPath = writeOperationsAnywhere(wanted, operations);
  engine.timings.mark("exec planned");
  const tell = (action: string, execID: string) =>
    recordContainerEvent(engine, record, `${action}: ${request.command.join(" ")}`, { execID });
  tell("exec_create", execId);
  if (request.detach) {
    const report = launchDetached(planPath);
    if (report.outcome === "failed") throw (await import("../../kernel/sandbox/failure.ts")).errorOfFailure(report, "exec");
    tell("exec_start", execId);
    return;
  }
  const client = { stdin: request.stdin, tty: request.tty, detachKeysHex: parseDetachKeys(request.detachKeys ?? record.spec.detachKeys) };
  const onFailure = [launcherProgram, "--root", engine.root, "container", "failure"];
  tell("exec_start", execId);
  engine.finish();
  becomeHelper(["run", planPath, "--attach", ...clientArguments(client), "--on-failure", `${onFailure.length}`, ...onFailure]);
}

/** The operations that enter a container and become the command. */
export async function planExec(engine: Engine, record: ContainerRecord, observed: Observation, request: ExecRequest) {
  const spec = record.spec.links ? withLinkEnvironment(record, livingLinks(engine, record)) : record.spec;
  const process = compileProcess(
    {
      ...spec,
      entrypoint: [],
      cmd: request.command,
      env: [...spec.env, ...request.env],
      user: request.user ?? spec.user,
      workingDirectory: workingDirectoryOf(record, request),
      tty: request.tty,
      privileged: spec.privileged || request.privileged,
    },
    readBoundingSet(),
  );
  return planEntry(process, {
    pid: observed.pid,
    startTime: observed.monitor?.initStart ?? 0,
    userNamespace: spec.userNamespace !== undefined,
    timeNamespace: spec.timeNamespace !== undefined,
    stdin: request.stdin && !request.detach,
    discardOutput: request.detach && !request.tty,
    cgroupDirectories: record.run?.cgroups ?? {},
    // the container's, also with --privileged: what the filter allows goes by the capabilities it was started with
    confinement: await confinementOf(spec),
  });
}

function workingDirectoryOf(record: ContainerRecord, request: ExecRequest): string {
  const directory = request.workingDirectory || record.spec.workingDirectory;
  if (directory.startsWith("/")) return directory;
  throw new TsnsError("invalid", "bad-workdir", `Cwd must be an absolute path: "${directory}"`, { hint: "start it with /", exitCode: 126 });
}
