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
    // What waits to be started again shows how it ended last.
    ExitCode: state.status === "running" ? 0 : (exit?.exitCode ?? 0),
    Error: running ? "" : (exit?.error ?? ""),
    StartedAt: rfc3339(exit?.finishedMs === 0 ? undefined : run?.startedMs),
    FinishedAt: rfc3339(state.status === "running" || exit?.finishedMs === 0 ? undefined : exit?.finishedMs),
    ...healthView(state),
  };
}

/** Of one that has a health check and has run. */
function healthView({ health }: ContainerState): Record<string, unknown> {
  if (!health) return {};
  const log = health.log.map(({ startMs, endMs, exitCode, output }) => ({
    Start: rfc3339(startMs),
    End: rfc3339(endMs),
    ExitCode: exitCode,
    Output: output,
  }));
  return { Health: { Status: health.status, FailingStreak: health.failingStreak, Log: log } };
}
