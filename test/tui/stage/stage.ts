// The dashboard without a terminal: keys in, screens out. What it needs is answered at once by a made world; what it would do is noted.

import { type Drawn, type Size, textOf } from "../../../tui/draw/cell.ts";
import { drawFitted, withCharts } from "../../../tui/draw/charted.ts";
import { asciiGlyphs, type Glyphs } from "../../../tui/draw/glyph.ts";
import { drawScreen } from "../../../tui/draw/screenful.ts";
import { house } from "../../../tui/house.ts";
import type { Effect } from "../../../tui/model/effect.ts";
import type { Message } from "../../../tui/model/message.ts";
import type { FedValue, Need } from "../../../tui/model/need.ts";
import { needsOf } from "../../../tui/model/needs.ts";
import { initialState, type State } from "../../../tui/model/state.ts";
import { update } from "../../../tui/model/update.ts";
import { keyOf } from "../../fixture/dashboard.ts";
import type { World } from "./world.ts";

export interface StageOptions {
  readonly size: Size;
  readonly glyphs?: Glyphs;
  /** What is needed is fed as soon as it is asked for; without it only what the test says. */
  readonly isFed?: boolean;
}

/** What the world says to a need; undefined where it knows nothing. */
export function answerOf({ answers }: World, need: Need): FedValue | undefined {
  const answer = answers[need.kind] as ((asks: Need) => unknown) | undefined;
  return answer && ({ feed: need.kind, value: answer(need) } as FedValue);
}

export function openStage(world: World, { size, glyphs = asciiGlyphs, isFed = true }: StageOptions) {
  let state: State = { ...initialState(house, size, glyphs, world.nowMs), hostname: world.hostname };
  const effects: Effect[] = [];
  const asked = new Map<string, string>();
  function advance(message: Message): void {
    const updated = update(house, state, message);
    state = updated.state;
    effects.push(...updated.effects);
  }
  /** The first need that is another one than what was last asked for of its kind. */
  function nextNeed(): Need | undefined {
    return needsOf(house, state).find((need) => asked.get(need.kind) !== JSON.stringify(need));
  }
  /** Until nothing new is needed: what is fed may ask for more. */
  function feed(): void {
    for (let need = nextNeed(); need; need = nextNeed()) {
      asked.set(need.kind, JSON.stringify(need));
      const fed = answerOf(world, need);
      if (fed) advance({ kind: "fed", fed });
    }
  }
  function send(message: Message): void {
    advance(message);
    if (isFed) feed();
  }
  if (isFed) feed();
  const draw = (): Drawn => withCharts(drawScreen(house, state), state.size, (chart) => drawFitted(chart, state.glyphs));
  return {
    send,
    /** Keys by their names. */
    press(...names: readonly string[]): void {
      for (const name of names) send({ kind: "key", key: keyOf(name) });
    },
    type(text: string): void {
      this.press(...[...text].map((character) => (character === " " ? "space" : character)));
    },
    state: () => state,
    needs: () => needsOf(house, state),
    /** What was asked of the world since it was last asked for. */
    effects: (): readonly Effect[] => effects.splice(0),
    draw,
    /** Lines without blanks at their ends. */
    screen: (): string =>
      `${draw()
        .lines.map((spans) => textOf(spans).trimEnd())
        .join("\n")}\n`,
  };
}
