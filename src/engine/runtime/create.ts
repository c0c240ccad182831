// `create`: a bundle becomes a container whose first process waits to be started. What is made stays only when all of it was made; what a create
// that is killed leaves behind, `delete` finds in the container's directory.

import { callerEnvironment } from "../../kernel/proc/hook.ts";
import { becomeCreator, type CreatedProcess, type CreatorReport } from "../../kernel/sandbox/creator.ts";
import { runtimeProgram } from "../../kernel/sandbox/location.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import { planRuntime } from "../../runtime/plan/plan.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { claimRuntime, recordRuntimeProcess, releaseClaim, runtimeDirectory } from "../../store/runtime-record.ts";
import { type Bundle, readBundle } from "./bundle.ts";
import { takeDown } from "./delete.ts";
import { type DesignedGroups, designGroups } from "./group.ts";
import { mountsOnHost, noteHostMounts } from "./host-mount.ts";
import { inheritDescriptors } from "./inherited.ts";
import { isNotified, makeNotifyDirectory, withNotifySocket } from "./notify.ts";
import { writePidFile } from "./pid-file.ts";
import { writePlan } from "./plan-file.ts";
import { filesOf, recordOf } from "./record.ts";
import { checkRuntimeId, type Runtime } from "./runtime.ts";
import { designScope } from "./scope.ts";
import { checkTerminal } from "./terminal.ts";

export interface CreateRequest {
  /** Absolute. */
  readonly bundle: string;
  /** Absolute. */
  readonly consoleSocket?: string;
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
  const { record, planPath, kept } = await prepareContainer(runtime, id, request, true);
  const { pidFile } = request;
  const task = { planPath, kept, directory: runtimeDirectory(runtime.root, id), ...(pidFile === undefined ? {} : { pidFile }) };
  // Where hooks begin; an option may have been relative to where this process did.
  process.chdir(record.bundle);
  return await undoing(runtime, record, async () => becomeCreator(task, [runtimeProgram, ...options, "failure", "--undo", id]));
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
  checkTerminal(bundle.config.process?.terminal === true, detached, request.consoleSocket);
  const groups = (runtime.systemdCgroup ? designScope : designGroups)(runtime, bundle.config, id);
  const [isTold, isOpen] = [isNotified(runtime, bundle.config), mountsOnHost(bundle.config)];
  const { config, count } = withInherited(withNotifySocket(runtime, id, bundle.config), request);
  const record = recordOf(id, bundle, groups);
  const files = filesOf(record, bundle, groups);
  claimRuntime(runtime.root, { ...files, isElaborate: files.isElaborate || isTold || isOpen }, runtime.self);
  return await undoing(runtime, record, async () => {
    if (isTold) makeNotifyDirectory(runtime, id);
    if (isOpen) noteHostMounts(runtime, record);
    for (const warning of groups.warnings) runtime.warn(warning);
    groups.make();
    const planPath = `${runtimeDirectory(runtime.root, id)}/plan`;
    writePlan(runtime, planPath, await planOf(runtime, id, { ...bundle, config }, groups, request));
    return { record, planPath, kept: count, release: () => groups.release?.() };
  });
}

/** Writes down what the creator has made: from here on it is created. */
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
  recordRuntimeProcess(runtime.root, id, report);
  writePidFile(pidFile, report.pid);
  releaseClaim(runtime.root, id);
  return report;
}

/** What has been made for the container is taken back when `body` fails. */
export async function undoing<T>(runtime: Runtime, record: RuntimeRecord, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    try {
      takeDown(runtime, record, error instanceof Error && "code" in error && error.code === "hook-failed");
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
  { consoleSocket, noPivot, noNewKeyring }: CreateRequest,
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
    ...(consoleSocket === undefined ? {} : { consoleSocket }),
    isUnprivileged: globalThis.process.geteuid?.() !== 0,
    noPivot,
    keepsKeyring: noNewKeyring,
    ...(seccomp && config.process ? { seccomp: (await import("./seccomp.ts")).filterOf(seccomp, config.process) } : {}),
  });
}
