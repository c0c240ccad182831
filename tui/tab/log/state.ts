// What the tab of logs knows: where in them one looks, what is searched and left out, how lines are shown. Pure.
import { compilePattern, type LogPattern } from "../../../src/container/log/pattern.ts";
import type { LogAsks, LogBoard, LogFilter, LogFind } from "../../../src/engine/live/log-asks.ts";
import type { LogMoment } from "../../../src/engine/live/log-source.ts";
import type { Field } from "../../dialog/field.ts";
import { lastOf } from "../../model/memo.ts";
import type { Chosen, Surroundings } from "../../model/part.ts";

export type TimeColumn = "none" | "relative" | "local";

/** What is being written at the foot of the tab. */
export interface LogPrompt {
  readonly kind: "search" | "filter" | "exclude" | "time" | "save";
  readonly field: Field;
  /** Why what was entered will not do. */
  readonly problem: string;
  /** Place among what was entered before, from its end. */
  readonly back: number;
}

export interface LogState {
  /** Ids of the containers that the rest is of. */
  readonly of: string;
  /** Where reading began; a new epoch begins anew. */
  readonly from: LogMoment;
  readonly epoch: number;
  /** Numbers of the chosen line and of the first that is seen; undefined: the end, as it comes. */
  readonly at: number | undefined;
  readonly top: number;
  readonly filter: LogFilter | undefined;
  /** Searched; empty: nothing. */
  readonly pattern: string;
  /** `ms`: where one was when it began. */
  readonly finding: (LogFind & { readonly ms: LogMoment }) | undefined;
  readonly prompt: LogPrompt | undefined;
  readonly isWrapped: boolean;
  readonly time: TimeColumn;
  /** Columns that lines are moved to the left by, where they are not wrapped. */
  readonly shift: number;
}

export const initialLogState: LogState = {
  of: "",
  from: "end",
  epoch: 0,
  at: undefined,
  top: 0,
  filter: undefined,
  pattern: "",
  finding: undefined,
  prompt: undefined,
  isWrapped: true,
  time: "none",
  shift: 0,
};

/** More are not read at once. */
const mostContainers = 50;

/** The containers whose logs are shown: the marked ones, or the chosen one. */
export function subjectsOf({ targets, chosen }: Pick<Surroundings, "targets" | "chosen">): readonly Chosen[] {
  const rows = targets?.() ?? [];
  return (rows.length > 0 ? rows : chosen ? [chosen] : []).filter(({ kind }) => kind === "container").slice(0, mostContainers);
}

type Around = Pick<Surroundings, "targets" | "chosen" | "fed" | "isFocused">;

/** The state of these containers: of others everything begins at the end again; how lines are shown stays. */
export function settledLog(state: LogState, around: Around): LogState {
  const ids = subjectsOf(around).map(({ id }) => id);
  const of = ids.join(" ");
  if (of === state.of || isRemoval(state.of.split(" "), ids, around)) return state;
  return { ...state, of, from: "end", epoch: state.epoch + 1, at: undefined, top: 0, finding: undefined, prompt: undefined, shift: 0 };
}

/** Those that are not chosen any more have been removed: what they wrote is still there to be read. */
function isRemoval(before: readonly string[], after: readonly string[], { fed, isFocused }: Around): boolean {
  const there = new Set(fed.containers?.containers.map(({ record }) => record.id));
  const gone = before.filter((id) => id !== "" && !after.includes(id));
  if (!fed.containers || gone.length === 0 || gone.some((id) => there.has(id))) return false;
  // The list has moved on to another row by itself.
  if (gone.length === before.length) return isFocused;
  return after.length > 0 && after.every((id) => before.includes(id));
}

const nameOf = ({ of, from, epoch, filter }: LogState): string => JSON.stringify([of, from, epoch, filter]);

/** Lines beyond what is looked at are asked for in such steps. */
const step = 500;

export function asksOf(state: LogState): LogAsks {
  const { of, from, filter, at, top, finding } = state;
  const seen = at === undefined ? {} : { seen: Math.floor(top / step) * step };
  const find = finding && {
    find: { epoch: finding.epoch, text: finding.text, isOlder: finding.isOlder, beyond: finding.beyond },
  };
  return { of: nameOf(state), ids: of === "" ? [] : of.split(" "), from, ...(filter ? { filter } : {}), ...seen, ...find };
}

/** What has been read for this state; undefined: nothing yet. */
export function boardOf(state: LogState, { fed }: Pick<Surroundings, "fed">): LogBoard | undefined {
  return fed.logs?.of === nameOf(state) ? fed.logs : undefined;
}

/** The pattern that is searched, also while it is being written. */
export function patternOf({ pattern, prompt }: LogState): LogPattern | undefined {
  const compiled = compiledOf(prompt?.kind === "search" ? prompt.field.text : pattern);
  return typeof compiled === "string" ? undefined : compiled;
}

const compiledOf = lastOf(compilePattern);

/** Anew from a moment on, whose first line is the first that is seen; at the end it is followed. */
export const begun = (state: LogState, from: LogMoment): LogState => ({
  ...state,
  from,
  epoch: state.epoch + 1,
  at: from === "end" ? undefined : 0,
  top: 0,
  finding: undefined,
});

export const saveLog = ({ isWrapped, time }: LogState): unknown => ({ isWrapped, time });

export function restoreLog(kept: unknown): LogState | undefined {
  if (typeof kept !== "object" || kept === null) return undefined;
  const { isWrapped, time } = kept as { readonly isWrapped?: unknown; readonly time?: unknown };
  const column = (["none", "relative", "local"] as const).find((name) => name === time);
  return { ...initialLogState, isWrapped: isWrapped !== false, time: column ?? "none" };
}
