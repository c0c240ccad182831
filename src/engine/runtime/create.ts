// `create`: a bundle becomes a container whose first process waits to be started. What is made stays only when all of it was made; what a create
// that is killed leaves behind, `delete` finds in the container's directory.

import { existsSync } from "node:fs";
import { callerEnvironment } from "../../kernel/proc/hook.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { becomeCreator, type CreatedProcess, type CreatorReport } from "../../kernel/sandbox/creator.ts";
import { runtimeProgram } from "../../kernel/sandbox/location.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import { planRuntime } from "../../runtime/plan/plan.ts";
import type { ProcessSockets } from "../../runtime/plan/socket.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { replaceFile } from "../../store/replace-file.ts";
import { claimRuntime, recordRuntimeProcess, releaseClaim, runtimeDirectory } from "../../store/runtime-record.ts";
import { type Bundle, readBundle } from "./bundle.ts";
import { takeDown } from "./delete.ts";
import { type DesignedGroups, designGroups } from "./group.ts";
import { mountsOnHost, noteHostMounts } from "./host-mount.ts";
import { inheritDescriptors } from "./inherited.ts";
import { lackingNodes } from "./lacking-node.ts";
import { isNotified, makeNotifyDirectory, withNotifySocket } from "./notify.ts";
import { writePlan } from "./plan-file.ts";
import { filesOf, recordOf } from "./record.ts";
import { checkRuntimeId, type Runtime } from "./runtime.ts";
import { designScope } from "./scope.ts";
import { checkTerminal } from "./terminal.ts";

const sigkill = 9;

export interface CreateRequest {
  /** Absolute. */
  readonly bundle: string;
  readonly sockets: ProcessSockets;
  /** Absolute. */
  readonly pidFile?: string;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  /** --preserve-fds */
  readonly preserve: number;
  /** The caller's environment: LISTEN_FDS counts. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A container as far as this process makes it; the native creator makes the rest. */
export interface PreparedContainer {
  readonly record: RuntimeRecord;
  readonly planPath: string;
  /** Descriptors from 3 on that the program gets. */
  readonly kept: number;
  /** As of `DesignedGroups`, for who becomes the creator. */
  readonly placeholder?: number;
  /** To be called when it has been made, by whoever does not end then. */
  readonly release: () => void;
}

/**
 * Throws TsnsError; then nothing is left of it. When all is prepared this process becomes the native creator, which writes down what it has made.
 * `options`: those of all commands, for the one that says what the creator could not do (`failedCreation`).
 */
export async function createRuntimeContainer(
  runtime: Runtime,
  id: string,
  request: CreateRequest,
  options: readonly string[],
): Promise<never> {
  const { record, release: _, ...prepared } = await prepareContainer(runtime, id, request, true);
  const { pidFile } = request;
  const task = { ...prepared, directory: runtimeDirectory(runtime.root, id), ...(pidFile === undefined ? {} : { pidFile }) };
  return await undoing(runtime, record, async () => {
    // Where hooks begin; an option may have been relative to where this process did.
    process.chdir(record.bundle);
    return becomeCreator(task, [runtimeProgram, ...options, "failure", "--undo", id]);
  });
}

/** `detached`: nobody stays for it. */
export async function prepareContainer(
  runtime: Runtime,
  id: string,
  request: CreateRequest,
  detached: boolean,
): Promise<PreparedContainer> {
  checkRuntimeId(id);
  const bundle = readBundle(runtime, request.bundle);
  checkTerminal(bundle.config.process?.terminal === true, detached, request.sockets.console);
  const groups = (runtime.systemdCgroup ? designScope : designGroups)(runtime, bundle.config, id);
  const [isTold, isOpen] = [isNotified(runtime, bundle.config), mountsOnHost(bundle.config)];
  const { config, count } = withInherited(withNotifySocket(runtime, id, bundle.config), request);
  const record = recordOf(id, bundle, groups);
  const files = filesOf(record, bundle, groups);
  // Of an id that is taken that is said, and not who is in its groups.
  if (!existsSync(runtimeDirectory(runtime.root, id))) groups.check();
  claimRuntime(runtime.root, { ...files, isElaborate: files.isElaborate || isTold || isOpen }, runtime.self);
  return await undoing(runtime, record, async () => {
    if (isTold) makeNotifyDirectory(runtime, id);
    if (isOpen) noteHostMounts(runtime, record);
    for (const warning of groups.warnings) runtime.warn(warning);
    groups.make();
    const planPath = `${runtimeDirectory(runtime.root, id)}/plan`;
    writePlan(runtime, planPath, await planOf(runtime, id, { ...bundle, config }, groups, request));
    const placeholder = groups.placeholder?.();
    return { record, planPath, kept: count, ...(placeholder ? { placeholder } : {}), release: () => groups.release?.() };
  });
}

/** Writes down what the creator has made: from here on it is created. What cannot be written down is ended. */
export async function settle(
  runtime: Runtime,
  { record: { id }, release }: PreparedContainer,
  report: CreatorReport,
  { pidFile }: CreateRequest,
): Promise<CreatedProcess> {
  if (report.outcome === "failed") {
    const { errorOfRuntimeFailure } = await import("./failure.ts");
    throw errorOfRuntimeFailure(report);
  }
  release();
  try {
    recordRuntimeProcess(runtime.root, id, report);
    if (pidFile !== undefined) replaceFile(pidFile, `${report.pid}`, 0o644);
  } catch (error) {
    sendSignal(report.pid, sigkill);
    throw error;
  }
  releaseClaim(runtime.root, id);
  return report;
}

/** What has been made for the container is taken back when `body` fails. */
export async function undoing<T>(runtime: Runtime, record: RuntimeRecord, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    try {
      // Nobody was in its groups before: the placeholder of a scope is, or who dies with the creator.
      const withHooks = error instanceof Error && "code" in error && error.code === "hook-failed";
      takeDown(runtime, record, { withHooks, ends: true });
    } catch (second) {
      runtime.warn(`container ${record.id} could not be taken back: ${second instanceof Error ? second.message : second}; delete it`);
      releaseClaim(runtime.root, record.id);
    }
    throw error;
  }
}

function withInherited(
  config: RuntimeConfig,
  { preserve, env }: CreateRequest,
): { readonly config: RuntimeConfig; readonly count: number } {
  if (!config.process) return { config, count: 0 };
  const { count, process } = inheritDescriptors(config.process, preserve, env);
  return { config: { ...config, process }, count };
}

async function planOf(
  runtime: Runtime,
  id: string,
  { path, rootfs, config }: Bundle,
  { entry, cgroupMounts }: DesignedGroups,
  { sockets, noPivot, noNewKeyring }: CreateRequest,
) {
  const { seccomp } = config.linux;
  return planRuntime(config, {
    id,
    bundle: path,
    rootfs,
    env: Object.entries(callerEnvironment()).map(([name, value]) => `${name}=${value}`),
    gate: `${runtimeDirectory(runtime.root, id)}/start`,
    groups: entry,
    cgroupMounts,
    sockets,
    lackingNodes: lackingNodes(config),
    isUnprivileged: globalThis.process.geteuid?.() !== 0,
    noPivot,
    keepsKeyring: noNewKeyring,
    ...(seccomp && config.process ? { seccomp: (await import("./seccomp.ts")).filterOf(seccomp, config.process) } : {}),
  });
}
