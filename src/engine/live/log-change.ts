// What has become of a container, in words for a line among those it wrote. Pure.
import { type ContainerState, isLive } from "../../container/record.ts";

export interface LogChange {
  readonly text: string;
  /** Unix time, milliseconds; absent: now. */
  readonly ms?: number;
}

const said = (text: string, ms?: number): LogChange => (ms ? { text, ms } : { text });

function endOf({ record: { exit }, status }: ContainerState): LogChange {
  const why = exit?.oomKilled ? ", out of memory" : exit && exit.signal > 0 ? `, signal ${exit.signal}` : "";
  const next = status === "restarting" ? "; it is about to start again" : "";
  return said(`ended with ${exit?.exitCode ?? "an unknown status"}${why}${next}`, exit?.finishedMs);
}

/** What is to be said, oldest first; undefined is a container that is not there (any more). */
export function changesOf(before: ContainerState | undefined, after: ContainerState | undefined): readonly LogChange[] {
  if (!before || before === after) return [];
  if (!after) return [said(isLive(before) ? "ended and was removed" : "was removed")];
  const [was, is] = [before.record.run?.startedMs, after.record.run?.startedMs];
  const renamed = before.record.name === after.record.name ? [] : [said(`is called ${after.record.name} now`)];
  if (was !== is) {
    const ended = before.status === "running" ? [said("ended", is)] : [];
    const started = is === undefined ? [] : [said(was === undefined ? "started" : "started again", is)];
    return [...renamed, ...ended, ...started, ...(isLive(after) || !after.record.exit ? [] : [endOf(after)])];
  }
  if (before.status === "running" && after.status !== "running") return [...renamed, endOf(after)];
  if (before.status === "restarting" && after.status === "exited") return [...renamed, said("is not started again")];
  if (before.paused !== after.paused && isLive(after)) return [...renamed, said(after.paused ? "was paused" : "goes on")];
  return renamed;
}
