// Words of `docker ps` about a container: status, command line, mounts. Pure.
import { formatDuration } from "../base/time.ts";
import { type ContainerState, shownStatus } from "./record.ts";

/** "Up 3 minutes", "Exited (0) 2 hours ago", "Created". */
export function statusText(state: ContainerState, nowMs: number): string {
  const { run, exit } = state.record;
  switch (shownStatus(state)) {
    case "running":
      return `Up ${formatDuration(nowMs - (run?.startedMs ?? nowMs))}${healthText(state)}`;
    case "paused":
      return `Up ${formatDuration(nowMs - (run?.startedMs ?? nowMs))} (Paused)`;
    case "exited":
      return `Exited (${exit?.exitCode ?? 0}) ${formatDuration(nowMs - (exit?.finishedMs ?? nowMs))} ago`;
    case "restarting":
      return `Restarting (${exit?.exitCode ?? 0}) ${formatDuration(nowMs - (exit?.finishedMs ?? nowMs))} ago`;
    case "dead":
      return "Dead";
    case "created":
      return "Created";
  }
}

/** " (healthy)", " (unhealthy)", " (health: starting)"; nothing without a health check. */
function healthText({ health }: ContainerState): string {
  if (!health) return "";
  return ` (${health.status === "starting" ? "health: starting" : health.status})`;
}

/** The command as one line in quotes, as docker prints it: a word with a space in it stands in single quotes. */
export function commandText(state: ContainerState): string {
  const { spec } = state.record;
  return `"${[...spec.entrypoint, ...spec.cmd].map((word) => (word.includes(" ") ? `'${word}'` : word)).join(" ")}"`;
}
