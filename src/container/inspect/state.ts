// `State` of docker's inspect document. Pure.
import type { ContainerState } from "../record.ts";
import { rfc3339 } from "./time.ts";

export function stateView(state: ContainerState): Record<string, unknown> {
  const { exit, run } = state.record;
  const running = state.status === "running" || state.status === "paused";
  return {
    Status: state.status,
    Running: running,
    Paused: state.status === "paused",
    Restarting: false,
    OOMKilled: !running && (exit?.oomKilled ?? false),
    Dead: state.status === "dead",
    Pid: state.pid,
    ExitCode: running ? 0 : (exit?.exitCode ?? 0),
    Error: running ? "" : (exit?.error ?? ""),
    StartedAt: rfc3339(exit?.finishedMs === 0 ? undefined : run?.startedMs),
    FinishedAt: rfc3339(running || exit?.finishedMs === 0 ? undefined : exit?.finishedMs),
  };
}
