// `State` of docker's inspect document. Pure.
import { type ContainerState, isLive, shownStatus } from "../record.ts";
import { rfc3339 } from "./time.ts";

export function stateView(state: ContainerState): Record<string, unknown> {
  const { exit, run } = state.record;
  const running = isLive(state);
  return {
    Status: shownStatus(state),
    Running: running,
    Paused: state.paused,
    Restarting: state.status === "restarting",
    OOMKilled: !running && (exit?.oomKilled ?? false),
    Dead: state.status === "dead",
    Pid: state.pid,
    ExitCode: running ? 0 : (exit?.exitCode ?? 0),
    Error: running ? "" : (exit?.error ?? ""),
    StartedAt: rfc3339(exit?.finishedMs === 0 ? undefined : run?.startedMs),
    FinishedAt: rfc3339(running || exit?.finishedMs === 0 ? undefined : exit?.finishedMs),
  };
}
