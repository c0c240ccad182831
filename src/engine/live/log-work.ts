// One slice of work on the window of some logs: towards what is looked at, or towards what is searched.
import { setImmediate as nextTurn } from "node:timers/promises";
import { compilePattern, hasMatch } from "../../container/log/pattern.ts";
import { plainOf } from "../../container/log/styled.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { getContainer } from "../../store/container-record.ts";
import type { LogLine } from "../container/log/held.ts";
import type { Engine } from "../engine.ts";
import type { LogAsks, LogFind } from "./log-asks.ts";
import { type LogSource, openLogSource } from "./log-source.ts";
import { createLogWindow, type LogWindow } from "./log-window.ts";

/** Held beyond what is looked at, on both sides, and so many more at most where more is written. */
const around = { least: 1000, most: 5000 } as const;
const sliceMs = 20;
const progressMs = 100;

export interface Opened extends Disposable {
  readonly asks: LogAsks;
  readonly records: readonly (ContainerRecord | undefined)[];
  readonly sources: readonly LogSource[];
  readonly window: LogWindow;
  readonly problems: readonly string[];
}

export function openAll(engine: Engine, asks: LogAsks): Opened {
  const records = asks.ids.map((id) => getContainer(engine.store, id));
  const stack = new DisposableStack();
  const sources: LogSource[] = [];
  const problems: string[] = [];
  for (const record of records) {
    if (!record) continue;
    try {
      sources.push(stack.use(openLogSource(engine, record, asks.ids.indexOf(record.id), asks.from, asks.ids.length)));
    } catch (error) {
      problems.push(`${record.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { asks, records, sources, problems, window: createLogWindow(sources, passesOf(asks)), [Symbol.dispose]: () => stack.dispose() };
}

function passesOf({ filter }: LogAsks): ((line: LogLine) => boolean) | undefined {
  const pattern = filter && compilePattern(filter.text);
  if (!filter || !pattern || typeof pattern === "string") return undefined;
  return ({ text }) => hasMatch(pattern, plainOf(text)) !== filter.isInverse;
}

/** A slice of what is to be read for what is looked at. */
export function workOf(
  { window, sources }: Opened,
  { seen }: LogAsks,
  notices: readonly LogLine[],
): { readonly isMore: boolean; readonly notices: LogLine[] } {
  const endMs = performance.now() + sliceMs;
  const wantsOlder = () => !window.isStart && (seen === undefined ? window.lines.length : seen - window.base) < around.least;
  const wantsNewer = () => !window.isEnd && (seen === undefined || window.base + window.lines.length - seen < around.most);
  if (seen === undefined) for (const source of sources) source.catchUp();
  // They stand behind what was written before: also what has come since the last look.
  if (notices.length > 0) window.wake();
  while ((wantsNewer() || wantsOlder()) && performance.now() < endMs) {
    if (wantsNewer()) window.newer();
    else window.older();
  }
  if (!window.isEnd || notices.length === 0) return { isMore: wantsNewer() || wantsOlder(), notices: [...notices] };
  for (const source of sources) source.finish();
  window.newer();
  for (const notice of notices) window.say(notice);
  return { isMore: wantsOlder(), notices: [] };
}

/** Number of the nearest match beyond a line; the window moves there. */
export async function search(
  { window }: Opened,
  { text, isOlder, beyond }: LogFind,
  isOver: () => boolean,
  progress: (ms: number) => void,
): Promise<number | undefined> {
  const pattern = compilePattern(text);
  if (typeof pattern === "string") return undefined;
  const matches = ({ text: raw }: LogLine) => hasMatch(pattern, plainOf(raw));
  /** Place of the nearest match among lines; looked for in slices. */
  async function nearest(lines: readonly LogLine[]): Promise<number> {
    const step = isOlder ? -1 : 1;
    let endMs = performance.now() + sliceMs;
    for (let at = isOlder ? lines.length - 1 : 0; at >= 0 && at < lines.length && !isOver(); at += step) {
      const line = lines[at];
      if (line && !line.isNotice && matches(line)) return at;
      if (performance.now() < endMs) continue;
      await nextTurn();
      endMs = performance.now() + sliceMs;
    }
    return -1;
  }
  const { base, lines } = window;
  const from = Math.min(Math.max(beyond - base, -1), lines.length);
  const held = await nearest(isOlder ? lines.slice(0, Math.max(from, 0)) : lines.slice(from + 1));
  if (held >= 0) return base + held + (isOlder ? 0 : from + 1);
  let toldMs = performance.now();
  while (!isOver() && !(isOlder ? window.isStart : window.isEnd)) {
    const come = isOlder ? window.older() : window.newer();
    const at = await nearest(come);
    if (at >= 0) return isOlder ? window.base + at : window.base + window.lines.length - come.length + at;
    const edge = isOlder ? window.lines[0] : window.lines.at(-1);
    if (edge && performance.now() - toldMs > progressMs) {
      toldMs = performance.now();
      progress(edge.ms);
    }
    await nextTurn();
  }
  return undefined;
}
