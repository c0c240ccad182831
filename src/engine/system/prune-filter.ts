// docker's filters of the prune commands: until, label, label!. The same for containers, networks and images.
import { TsnsError } from "../../base/error.ts";
import { parseMoment } from "../../base/time.ts";
import { hasLabel } from "../../image/filter.ts";

export interface Prunable {
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** One condition of all KEY=VALUE texts. Throws TsnsError invalid `bad-filter`. */
export function parsePruneFilters(filters: readonly string[], nowMs: number): (object: Prunable) => boolean {
  const tests: ((object: Prunable) => boolean)[] = [];
  const unwanted: string[] = [];
  let until: number | undefined;
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const [key, value] = [filter.slice(0, Math.max(at, 0)), filter.slice(at + 1)];
    if (key === "until") {
      if (until !== undefined) throw badFilter(filter, "more than one until filter specified");
      until = parseMoment(value, nowMs, "filter until");
    } else if (key === "label") tests.push(({ labels }) => hasLabel(labels, value));
    else if (key === "label!") unwanted.push(value);
    else throw badFilter(filter, "known are until, label, label!");
  }
  return (object) =>
    (until === undefined || object.createdMs <= until) &&
    tests.every((test) => test(object)) &&
    // docker: only what has all of them is spared
    (unwanted.length === 0 || !unwanted.every((label) => hasLabel(object.labels, label)));
}

function badFilter(filter: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, { hint });
}
