// Lines of several logs as one, in order of time, both ways: what is not known to come next waits until it is. The order within a log stays
// as it was written, whatever its clock says. Pure but for the queues, from which lines are taken.
import type { LogLine } from "../container/log/held.ts";

/** Lines of one log that wait, oldest first; `isAll`: there are no more beyond them. */
export interface LogQueue {
  lines: LogLine[];
  isAll: boolean;
}

/** The next newer lines, oldest first, of about `mostCharacters`; nothing while a log has to be read first. */
export function takeNewer(queues: readonly LogQueue[], mostCharacters: number): readonly LogLine[] {
  const places = queues.map(() => 0);
  const taken: LogLine[] = [];
  let left = mostCharacters;
  while (left > 0) {
    let first = -1;
    let firstMs = Number.POSITIVE_INFINITY;
    let waits = false;
    for (const [at, { lines, isAll }] of queues.entries()) {
      const line = lines[places[at] ?? 0];
      if (!line) waits ||= !isAll;
      else if (first < 0 || line.ms < firstMs) {
        first = at;
        firstMs = line.ms;
      }
    }
    const line = queues[first]?.lines[places[first] ?? 0];
    if (waits || !line) break;
    taken.push(line);
    places[first] = (places[first] ?? 0) + 1;
    left -= line.text.length + 1;
  }
  for (const [at, queue] of queues.entries()) queue.lines.splice(0, places[at]);
  return taken;
}

/** The next older lines, oldest first, of about `mostCharacters`; nothing while a log has to be read first. */
export function takeOlder(queues: readonly LogQueue[], mostCharacters: number): readonly LogLine[] {
  const taken: LogLine[] = [];
  let left = mostCharacters;
  while (left > 0) {
    let last: LogQueue | undefined;
    let lastMs = Number.NEGATIVE_INFINITY;
    let waits = false;
    for (const queue of queues) {
      const line = queue.lines.at(-1);
      if (!line) waits ||= !queue.isAll;
      else if (!last || line.ms >= lastMs) {
        last = queue;
        lastMs = line.ms;
      }
    }
    const line = waits ? undefined : last?.lines.pop();
    if (!line) break;
    taken.push(line);
    left -= line.text.length + 1;
  }
  return taken.reverse();
}
