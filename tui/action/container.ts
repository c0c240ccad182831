// What can be done to containers. Pure.
import { isLive } from "../../src/container/record.ts";
import { confirmDialog } from "../dialog/confirm.ts";
import { type Action, commandEffect } from "../model/action.ts";
import type { Chosen } from "../model/part.ts";

const lives = ({ container }: Chosen): boolean => container !== undefined && isLive(container);
const references = (rows: readonly Chosen[]): readonly string[] => rows.map(({ reference }) => reference);
const some = (rows: readonly Chosen[]): string => (rows.length === 1 ? (rows[0]?.reference ?? "") : `${rows.length} containers`);

export const containerActions: readonly Action[] = [
  {
    name: "stop",
    key: "s",
    does: "stop",
    isFor: (rows) => rows.some(lives),
    perform: (rows) => [commandEffect(["stop", ...references(rows.filter(lives))])],
  },
  {
    name: "kill",
    key: "K",
    does: "kill",
    isFor: (rows) => rows.some(lives),
    perform: (rows) => {
      const words = ["kill", ...references(rows.filter(lives))];
      return [{ kind: "open", dialog: confirmDialog({ text: `End ${some(rows)} at once?`, commands: [words], place: "quiet" }) }];
    },
  },
];
