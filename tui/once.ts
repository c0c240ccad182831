// The dashboard once, as plain text: it is fed as on a terminal until all that the views need is there.
import type { Engine } from "../src/engine/engine.ts";
import { plainGlyphs } from "./draw/glyph.ts";
import { renderSnapshot, snapshotSize } from "./draw/snapshot.ts";
import { openFeeds } from "./feed/feed.ts";
import { makeFeedMakers } from "./feed/makers.ts";
import { house } from "./house.ts";
import { type Fed, type FedValue, mergeNeeds, type Need } from "./model/need.ts";
import { needsOf } from "./model/needs.ts";
import { initialState, type State } from "./model/state.ts";
import { update } from "./model/update.ts";
import { commandView } from "./view/command/command.ts";

export interface SnapshotOptions {
  readonly engine: Engine;
  /** Between two samples. */
  readonly intervalMs: number;
  /** Width to keep to where values let it. */
  readonly columns: number;
  /** Name of one view; without it all that show something of the machine. */
  readonly view?: string;
}

/** A disk that takes longer to be measured is told of as not measured. */
const mostMs = 10_000;

/** Whether what has come for a need is all that can be waited for: rates take two samples, sizes a while. Pure. */
export function isAnswered(need: Need, fed: Fed): boolean {
  if (need.kind === "usage") return need.ids.every((id) => fed.usage?.latest.has(id));
  // Links that are not there are not told of.
  if (need.kind === "traffic") return [...(fed.traffic?.links.values() ?? [{ rate: undefined }])].every(({ rate }) => rate !== undefined);
  if (need.kind === "host") return (fed.host?.cores.length ?? 0) > 0 && fed.host?.facts !== undefined;
  if (need.kind === "volumes")
    return fed.volumes?.volumes.every(({ size, mountpoint }) => size !== undefined || mountpoint === "") ?? false;
  return fed[need.kind] !== undefined;
}

function firstStates({ columns, view }: SnapshotOptions): readonly State[] {
  const state = initialState(house, snapshotSize(columns), plainGlyphs, Date.now());
  const parts = Object.fromEntries(house.views.map(({ name, whole, initial }) => [name, whole ?? initial]));
  const states = house.views.map(({ name }): State => ({ ...state, parts: { ...state.parts, ...parts }, view: name, isZoomed: true }));
  // What was done here is nothing yet.
  return states.filter((one) => (view === undefined ? one.view !== commandView.name : one.view === view));
}

export async function renderOnce(options: SnapshotOptions): Promise<string> {
  let states = firstStates(options);
  const done = Promise.withResolvers<void>();
  let late: NodeJS.Timeout | undefined;
  function look(): void {
    const needs = mergeNeeds(states.flatMap((state) => needsOf(house, state)));
    feeds.need(needs);
    if (needs.every((need) => isAnswered(need, states[0]?.fed ?? {}))) done.resolve();
  }
  function take(fed: FedValue): void {
    states = states.map((state) => update(house, state, { kind: "fed", fed }).state);
    // A feed that is told to begin may answer at once.
    queueMicrotask(look);
  }
  using feeds = openFeeds(options.engine, makeFeedMakers({ intervalMs: options.intervalMs }), { emit: take, fail: done.reject });
  try {
    look();
    late = setTimeout(done.resolve, mostMs);
    await done.promise;
  } finally {
    clearTimeout(late);
  }
  const nowMs = Date.now();
  return states.map((state) => renderSnapshot(house, { ...state, nowMs }, options.columns)).join("\n");
}

/** `COLUMNS` as shells have it, the terminal's width, or 80. */
export const snapshotColumns = (asked = "", terminal: number | undefined): number =>
  /^[1-9]\d{0,3}$/.test(asked) ? Number(asked) : terminal || 80;
