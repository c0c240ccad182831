// `start`: the process that waits at the gate becomes the program. Hooks that follow are run here.
import { TsnsError } from "../../base/error.ts";
import { parseObject } from "../../base/json.ts";
import { passGate } from "../../kernel/sandbox/gate.ts";
import type { NotifyRelay } from "../../kernel/sandbox/notify.ts";
import { readRuntimeConfig, runtimeDirectory } from "../../store/runtime-record.ts";
import { deleteRuntime } from "./delete.ts";
import { errorOfRuntimeFailure, isHookFailure } from "./failure.ts";
import { runHooks } from "./hook.ts";
import { relayNotify } from "./notify.ts";
import { type ObservedRuntime, observeRuntime, renderState } from "./observe.ts";
import type { Runtime } from "./runtime.ts";

/**
 * Throws conflict unless it is created, and what kept the program from running. With a service manager it returns when the container is ready, unless
 * this process stays with it (`stays`): then it gets who hands on what the container says.
 */
export async function startRuntime(runtime: Runtime, id: string, stays = false): Promise<NotifyRelay | undefined> {
  const observed = await observeRuntime(runtime, id);
  refuseUnlessCreated(observed);
  if (!parseObject(readRuntimeConfig(runtime.root, id))?.process)
    throw new TsnsError("invalid", "no-process", `cannot start container ${id}: its config.json has no process`, {
      hint: "delete it and create it with one",
    });
  const relay = observed.process && (await relayNotify(runtime, id, observed.process, stays));
  try {
    await passStarted(runtime, observed);
  } catch (error) {
    relay?.close();
    throw error;
  }
  if (!stays) await relay?.settled();
  return relay;
}

async function passStarted(runtime: Runtime, observed: ObservedRuntime): Promise<void> {
  const { id } = observed.record;
  const failure = await passGate(runtimeDirectory(runtime.root, id));
  if (failure === "closed") throw alreadyStarted(id);
  if (failure === "lost") {
    refuseUnlessCreated(await observeRuntime(runtime, id));
    throw new TsnsError("unavailable", "lost", `container ${id} was not started: its process did not answer`, { hint: "start it again" });
  }
  if (failure) {
    if (isHookFailure(failure)) await deleteRuntime(runtime, id, { force: true });
    throw errorOfRuntimeFailure(failure);
  }
  runHooks(runtime, "poststart", observed.record, renderState(runtime, { ...observed, status: "running" }));
}

function refuseUnlessCreated({ record: { id }, status }: ObservedRuntime): void {
  if (status === "created") return;
  if (status === "stopped")
    throw new TsnsError("conflict", "stopped", `cannot start container ${id}: it has stopped`, { hint: "delete it and create it again" });
  if (status === "creating") throw new TsnsError("conflict", "creating", `cannot start container ${id}: it is still being created`);
  if (status === "paused")
    throw new TsnsError("conflict", "paused", `cannot start a container in the paused state: ${id}`, { hint: "resume it first" });
  throw alreadyStarted(id);
}

const alreadyStarted = (id: string): TsnsError => new TsnsError("conflict", "running", `cannot start an already running container: ${id}`);
