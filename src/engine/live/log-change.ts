// What has become of a container, in words for a line among those it wrote. Pure.
import { type ContainerState, isLive } from "../../container/record.ts";

function endText({ record: { exit }, status }: ContainerState): string {
  const why = exit?.oomKilled ? ", out of memory" : exit && exit.signal > 0 ? `, signal ${exit.signal}` : "";
  const next = status === "restarting" ? "; it is about to start again" : "";
  return `ended with ${exit?.exitCode ?? "an unknown status"}${why}${next}`;
}

/** What is to be said, oldest first; undefined is a container that is not there (any more). */
export function changesOf(before: ContainerState | undefined, after: ContainerState | undefined): readonly string[] {
  if (!before || before === after) return [];
  if (!after) return isLive(before) ? ["ended and was removed"] : ["was removed"];
  const [was, is] = [before.record.run?.startedMs, after.record.run?.startedMs];
  const isAnother = was !== is;
  const hasEnded = after.record.exit !== undefined && after.record.exit.finishedMs !== before.record.exit?.finishedMs;
  const renamed = before.record.name === after.record.name ? [] : [`is called ${after.record.name} now`];
  if (isAnother) {
    const ended = before.status === "running" ? ["ended"] : [];
    const running = is === undefined ? [] : [was === undefined ? "started" : "started again"];
    const over = !isLive(after) && hasEnded ? [endText(after)] : [];
    return [...renamed, ...ended, ...running, ...over];
  }
  if (before.status === "running" && after.status !== "running") return [...renamed, endText(after)];
  if (before.status === "restarting" && after.status === "exited") return [...renamed, "is not started again"];
  if (before.paused !== after.paused && isLive(after)) return [...renamed, after.paused ? "was paused" : "goes on"];
  return renamed;
}
