// Why a command cannot act on a container as it is now, in docker's words. Pure.
import { TsnsError } from "../../base/error.ts";
import { type ContainerRecord, type ContainerState, isLive } from "../../container/record.ts";

export function notRunning(record: ContainerRecord): TsnsError {
  return new TsnsError("conflict", "container-not-running", `container ${record.name} is not running`, {
    hint: `start it with tsns start ${record.name}`,
  });
}

/** For what needs a process of it: throws unless it has one now. */
export function requireRunning({ status, record }: ContainerState): void {
  if (status === "restarting") {
    throw new TsnsError("conflict", "container-restarting", `Container ${record.name} is restarting, wait until the container is running`, {
      hint: `tsns ps shows when, tsns stop ${record.name} gives it up`,
    });
  }
  if (status !== "running") throw notRunning(record);
}

/** For what needs its processes to move: throws unless they do. `before`: what is wanted of it. */
export function requireMoving(state: ContainerState, before: string): void {
  requireRunning(state);
  if (!state.paused) return;
  throw new TsnsError("conflict", "container-paused", `Container ${state.record.name} is paused, unpause the container before ${before}`, {
    hint: `tsns unpause ${state.record.name}`,
  });
}

/** docker's words for `attach`, which its command line says by itself. */
export function requireAttachable(state: ContainerState): void {
  const { name } = state.record;
  const refuse = (what: string, code: string, hint: string) =>
    new TsnsError("conflict", code, `You cannot attach to a ${what}`, { hint: `${name}: ${hint}` });
  if (!isLive(state)) throw refuse("stopped container, start it first", "container-not-running", `tsns start -a ${name}`);
  if (state.status === "restarting")
    throw refuse("restarting container, wait until it is running", "container-restarting", "tsns ps shows when");
  if (state.paused) throw refuse("paused container, unpause it first", "container-paused", `tsns unpause ${name}`);
}
