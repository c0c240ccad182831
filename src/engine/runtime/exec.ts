// `exec`: another process in a container that has been created.
import { TsnsError } from "../../base/error.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { becomeCreator } from "../../kernel/sandbox/creator.ts";
import { runtimeProgram } from "../../kernel/sandbox/location.ts";
import { capabilityNames } from "../../plan/capability.ts";
import { parseRuntimeConfig, parseRuntimeProcess } from "../../runtime/config/parse.ts";
import type { RuntimeConfig, RuntimeProcess } from "../../runtime/config/type.ts";
import { planRuntimeEntry } from "../../runtime/plan/entry.ts";
import { personalityOperations } from "../../runtime/plan/process.ts";
import { listenerOperations, seccompOperations } from "../../runtime/plan/seccomp.ts";
import type { ProcessSockets } from "../../runtime/plan/socket.ts";
import { type RuntimeProcessIdentity, readRuntimeConfig, runtimeDirectory } from "../../store/runtime-record.ts";
import { readConfigFile, readConfigHost } from "./bundle.ts";
import { entryOf } from "./exec-group.ts";
import { changedProcess, type ProcessChange } from "./exec-process.ts";
import { frozenGroup } from "./group-check.ts";
import { inheritDescriptors } from "./inherited.ts";
import { type ObservedRuntime, observeRuntime, renderState } from "./observe.ts";
import { writePlan } from "./plan-file.ts";
import type { Runtime } from "./runtime.ts";
import { checkTerminal } from "./terminal.ts";

export interface ExecRequest {
  /** A file like the configuration's `process`, instead of all that `change` says. */
  readonly processFile?: string;
  readonly change: ProcessChange;
  readonly detach: boolean;
  readonly sockets: ProcessSockets;
  readonly pidFile?: string;
  readonly preserve: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Groups below the container's: PATH, or CONTROLLER[,CONTROLLER]:PATH. */
  readonly groups: readonly string[];
  readonly ignorePaused: boolean;
}

/**
 * Throws TsnsError. When all is prepared this process becomes the native creator, which ends with the process, and with its status, 128+signal;
 * detached with 0 as soon as that runs. `options`: those of all commands, for the one that says what the creator could not do.
 */
export async function execRuntime(runtime: Runtime, id: string, request: ExecRequest, options: readonly string[]): Promise<never> {
  const observed = await observeRuntime(runtime, id);
  const entered = enteredProcess(observed, request);
  const { config } = parseRuntimeConfig(readRuntimeConfig(runtime.root, id), observed.record.bundle, readConfigHost());
  const asked = processOf(runtime, config, request);
  checkTerminal(asked.terminal, request.detach, request.sockets.console);
  const { process, count } = inheritDescriptors(asked, request.preserve, request.env);
  const operations = await planOf(runtime, observed, entered, config, process, request);
  const planPath = `${runtimeDirectory(runtime.root, id)}/exec-${runtime.self.pid}`;
  writePlan(runtime, planPath, operations);
  const { pidFile, detach } = request;
  const task = { planPath, kept: count, wait: !detach, ...(pidFile === undefined ? {} : { pidFile }) };
  return becomeCreator(task, [runtimeProgram, ...options, "exec-failure", id]);
}

/** The container's first process, whose namespaces are entered. Throws conflict. */
function enteredProcess(
  { record: { id, groups }, status, process }: ObservedRuntime,
  { ignorePaused }: ExecRequest,
): RuntimeProcessIdentity {
  if (!process) throw new TsnsError("conflict", "not-running", `cannot exec in container ${id}: container not running: ${status}`);
  if (!ignorePaused && (status === "paused" || frozenGroup(groups) !== undefined))
    throw new TsnsError("conflict", "paused", `cannot exec in a paused container: ${id}`, {
      hint: "resume it, or give --ignore-paused: the process starts to run when it is resumed",
    });
  return process;
}

function processOf(runtime: Runtime, config: RuntimeConfig, { processFile, change }: ExecRequest): RuntimeProcess {
  if (processFile !== undefined) {
    const { process, warnings } = parseRuntimeProcess(readConfigFile(processFile, "--process"), readConfigHost());
    for (const warning of warnings) runtime.warn(warning);
    // As runc takes one that says nothing of them.
    const capabilities = process.capabilities ?? config.process?.capabilities;
    return { ...process, ...(capabilities ? { capabilities } : {}) };
  }
  if (!config.process)
    throw new TsnsError("invalid", "no-process", "the container's config.json has no process", { hint: "give one with --process FILE" });
  const { process, warnings } = changedProcess(
    config.process,
    change,
    capabilityNames.map((name) => `CAP_${name}`),
  );
  for (const warning of warnings) runtime.warn(warning);
  return process;
}

const kinds = ["user", "pid", "mnt", "net", "ipc", "uts", "cgroup", "time"] as const;

async function planOf(
  runtime: Runtime,
  observed: ObservedRuntime,
  entered: RuntimeProcessIdentity,
  config: RuntimeConfig,
  process: RuntimeProcess,
  { sockets, groups }: ExecRequest,
) {
  const state = renderState(runtime, observed);
  const { seccomp } = config.linux;
  const filter = seccomp ? (await import("./seccomp.ts")).filterOf(seccomp, process) : undefined;
  return planRuntimeEntry(process, {
    ...entered,
    kinds: kinds.filter((kind) => readNamespaceInode(entered.pid, kind) !== readNamespaceInode("self", kind)),
    groups: entryOf(observed.record.groups, groups, entered.pid),
    sockets,
    keepsKeyring: false,
    listener: listenerOperations(config),
    personality: personalityOperations(config.linux),
    seccomp: filter ? seccompOperations(config, filter, state, state) : [],
  });
}
