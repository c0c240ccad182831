// What can be done to containers. Pure.
import { isLive } from "../../src/container/record.ts";
import { confirmEffects } from "../dialog/confirm.ts";
import type { Action } from "../model/action.ts";
import { commandEffect } from "../model/effect.ts";
import type { Chosen } from "../model/part.ts";
import { hitsOf, needsRows, references, some } from "./target.ts";

const lives = ({ container }: Chosen): boolean => container !== undefined && isLive(container);

const needsLive = (rows: readonly Chosen[]): string | undefined => needsRows(rows) ?? (rows.some(lives) ? undefined : "it does not run");

export const containerActions: readonly Action[] = [
  {
    name: "stop",
    key: "s",
    does: "stop",
    refusal: needsLive,
    perform: (rows) => [commandEffect(["stop", ...references(rows.filter(lives))])],
  },
  {
    name: "kill",
    key: "K",
    also: ["f9"],
    does: "kill",
    refusal: needsLive,
    perform(rows) {
      const hit = rows.filter(lives);
      return confirmEffects({
        text: `End ${some(hit)} at once?`,
        hits: hitsOf(hit),
        commands: () => [["kill", ...references(hit)]],
        place: "quiet",
      });
    },
  },
];
