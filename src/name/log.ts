// What the name server remembers of the last questions, and how that is told. Pure; who follows it is not known here.

import { type LocalAnswer, mostAnswerBytes, writeAnswer } from "./answer.ts";
import { describeAnswers, rcodeName, typeName } from "./record.ts";
import type { Attempt } from "./upstream.ts";
import { headerBytes, nameOfQuestion, rcodeOf } from "./wire.ts";

/** One question and what became of it, as little worked on as possible: there may be many in a second. */
export interface Asked {
  readonly atMs: number;
  readonly ms: number;
  readonly container: string;
  /** The question as latin1. */
  readonly question: string;
  readonly isStream: boolean;
  readonly outcome: LocalAnswer | Passed;
}

/** What others said. */
export interface Passed {
  readonly server: string | undefined;
  readonly message: Buffer;
  readonly attempts: readonly Attempt[];
}

/** One question for people and programs. */
export interface AskedView {
  readonly time: string;
  /** Id. */
  readonly container: string;
  readonly name: string;
  readonly type: string;
  readonly protocol: "udp" | "tcp";
  /** `network NAME`, `host`, `link`, `upstream ADDRESS`. */
  readonly source: string;
  readonly result: string;
  readonly answers: readonly string[];
  readonly ms: number;
  readonly attempts: readonly Attempt[];
}

export function viewOfAsked({ atMs, ms, container, question, isStream, outcome }: Asked): AskedView {
  const message = Buffer.concat([Buffer.alloc(headerBytes), Buffer.from(question, "latin1")]);
  const type = message.readUInt16BE(message.length - 4);
  const told = "records" in outcome ? replay(message, type, outcome) : outcome.message;
  return {
    time: new Date(atMs).toISOString(),
    container,
    name: `${nameOfQuestion(message)}.`,
    type: typeName(type),
    protocol: isStream ? "tcp" : "udp",
    source: "records" in outcome ? outcome.source : outcome.server === undefined ? "nobody" : `upstream ${outcome.server}`,
    result: rcodeName(rcodeOf(told)),
    answers: describeAnswers(told) ?? [],
    ms: round(ms),
    attempts:
      "records" in outcome
        ? []
        : outcome.attempts.map((attempt) => ({ ...attempt, startMs: round(attempt.startMs), ms: round(attempt.ms) })),
  };
}

const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/** The whole answer once more, its addresses in the order of their making. */
function replay(message: Buffer, type: number, answer: LocalAnswer): Buffer {
  const out = Buffer.alloc(mostAnswerBytes(answer, message.length));
  const query = { id: 0, flags: 0, end: message.length, type, class: 1 };
  return out.subarray(0, writeAnswer(out, 0, message, query, true, { ...answer, next: 0 }));
}

export interface AskedLog {
  add(asked: Asked): void;
  /** The newest `count`, oldest first. */
  last(count: number): readonly Asked[];
  /** Called for each one that is added from now on; the result ends that. */
  follow(listener: (asked: Asked) => void): () => void;
}

/** Remembers the newest `size` of them. */
export function makeAskedLog(size = 1_000): AskedLog {
  const ring: Asked[] = [];
  let next = 0;
  const listeners = new Set<(asked: Asked) => void>();
  return {
    add(asked) {
      ring[next] = asked;
      next = (next + 1) % size;
      if (listeners.size > 0) for (const listener of listeners) listener(asked);
    },
    last(count) {
      const ordered = [...ring.slice(next), ...ring.slice(0, next)];
      return count >= ordered.length ? ordered : ordered.slice(ordered.length - count);
    },
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
