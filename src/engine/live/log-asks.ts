// What is asked of the logs of some containers, and what is told of them. Types alone.
import type { LogLine } from "../container/log/held.ts";
import type { LogMoment } from "./log-source.ts";

export interface LogAsks {
  /** Of whoever asks: numbers of lines are of one such name. */
  readonly of: string;
  readonly ids: readonly string[];
  /** The first line from there on has the number 0; what is older has numbers below. */
  readonly from: LogMoment;
  readonly filter?: LogFilter;
  /** Number of a line that is looked at; absent: the end, as it comes. */
  readonly seen?: number;
  readonly find?: LogFind;
}

/** Lines that match, or with `isInverse` those that do not. */
export interface LogFilter {
  readonly text: string;
  readonly isInverse: boolean;
}

/** The nearest match beyond a line, wherever in the logs it is. */
export interface LogFind {
  readonly epoch: number;
  readonly text: string;
  readonly isOlder: boolean;
  readonly beyond: number;
}

export interface LogBoard {
  readonly of: string;
  readonly base: number;
  readonly lines: readonly LogLine[];
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /** Of the containers, as `source` of a line counts them. */
  readonly names: readonly string[];
  /** Why a log cannot be read. */
  readonly problems: readonly string[];
  /** `number` is undefined where there is no match. */
  readonly found?: { readonly epoch: number; readonly number: number | undefined };
  /** How far a search has come: Unix time, milliseconds. */
  readonly searchedMs?: number;
}
