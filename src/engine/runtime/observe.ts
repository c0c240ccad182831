// What a container of the OCI runtime is doing now: its record joined with the process, the gate and the freezer. Nothing of it is kept.

import { readFreezer } from "../../kernel/cgroup/process.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { isGateOpen } from "../../kernel/sandbox/gate.ts";
import { specVersion } from "../../runtime/config/type.ts";
import type { RuntimeRecord, RuntimeState, RuntimeStatus } from "../../runtime/record.ts";
import { readRuntimeHolder } from "../../store/runtime-lock.ts";
import { type RuntimeProcessIdentity, readRuntime, readRuntimeConfig, runtimeDirectory } from "../../store/runtime-record.ts";
import { checkRuntimeId, noSuchContainer, type Runtime } from "./runtime.ts";

export interface ObservedRuntime {
  readonly record: RuntimeRecord;
  readonly status: RuntimeStatus | "paused";
  /** Its first process, unless it has stopped or is not there yet. */
  readonly process?: RuntimeProcessIdentity;
}

/** Throws not-found, invalid for what cannot be an ID. */
export async function observeRuntime(runtime: Runtime, id: string): Promise<ObservedRuntime> {
  checkRuntimeId(id);
  const record = readRuntime(runtime.root, id);
  if (!record) throw noSuchContainer(id);
  return await observeRecord(runtime, record);
}

/** A `create` that was killed has made nothing that counts: stopped. A first process that is a zombie has stopped. */
export async function observeRecord(runtime: Runtime, record: RuntimeRecord): Promise<ObservedRuntime> {
  const directory = runtimeDirectory(runtime.root, record.id);
  const { process } = record;
  if (!process) return { record, status: readRuntimeHolder(directory, isRunning) ? "creating" : "stopped" };
  if (!isRunning(process)) return { record, status: "stopped" };
  if (readFreezer(record.groups) === "frozen") return { record, status: "paused", process };
  return { record, status: (await isGateOpen(directory)) ? "created" : "running", process };
}

/** What `state` prints and hooks get. */
export const renderState = (runtime: Runtime, observed: ObservedRuntime): RuntimeState =>
  stateOf(observed, readRuntimeConfig(runtime.root, observed.record.id));

/** `configText`: config.json of when it was created. */
export function stateOf({ record, status, process }: ObservedRuntime, configText: string): RuntimeState {
  return {
    ociVersion: ociVersionOf(configText),
    id: record.id,
    status,
    ...(process ? { pid: process.pid } : {}),
    bundle: record.bundle,
    annotations: record.annotations,
  };
}

/** The version the container was created by; ours where the configuration cannot be read any more. */
function ociVersionOf(configText: string): string {
  return /"ociVersion"\s*:\s*"([^"\\]*)"/.exec(configText)?.[1] ?? specVersion;
}
