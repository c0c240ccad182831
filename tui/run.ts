// The dashboard at work: messages change the state, the state says what is drawn, fed and done. The one place where it meets the terminal,
// the engine and other processes.
import type { Engine } from "../src/engine/engine.ts";
import { openCommands } from "./command/command.ts";
import { asciiGlyphs, unicodeGlyphs } from "./draw/glyph.ts";
import { drawScreen } from "./draw/screenful.ts";
import { openFeeds } from "./feed/feed.ts";
import { makeFeedMakers } from "./feed/makers.ts";
import { house } from "./house.ts";
import type { Effect } from "./model/effect.ts";
import type { Message } from "./model/message.ts";
import { needsOf } from "./model/needs.ts";
import { initialState, type State } from "./model/state.ts";
import { update } from "./model/update.ts";
import { openScreen } from "./screen/screen.ts";
import { themeOf } from "./screen/theme.ts";

export interface DashboardOptions {
  readonly engine: Engine;
  /** What starts another tsns on the same data root: program and first arguments. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Between two samples. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

const tickMs = 1000;

/** Runs until q, Ctrl-C or the signal; the terminal is given back whatever happens. */
export async function runDashboard({ engine, program, env, intervalMs, signal }: DashboardOptions): Promise<void> {
  const ended = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => ended.resolve(), { once: true });
  using screen = openScreen({ theme: (colours) => themeOf(colours > 2 && !env.NO_COLOR), emit: (message) => dispatch(message) });
  let state: State = initialState(house, screen.size, screen.isUnicode ? unicodeGlyphs : asciiGlyphs, Date.now());
  using feeds = openFeeds(engine, makeFeedMakers({ intervalMs }), {
    emit: (fed) => dispatch({ kind: "fed", fed }),
    fail: (error) => dispatch({ kind: "failed", text: error instanceof Error ? error.message : String(error) }),
  });
  using commands = openCommands({ program, env, emit: dispatch, lend: (use) => screen.lend(use) });
  let isDue = false;
  function draw(): void {
    isDue = false;
    guarded(() => screen.draw(drawScreen(house, state)));
  }
  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      ended.reject(error);
    }
  }
  function perform(effect: Effect): void {
    if (effect.kind === "quit") ended.resolve();
    else if (effect.kind === "suspend") screen.suspend();
    else if (effect.kind === "redraw") screen.redraw();
    else if (effect.kind === "command") commands.run(effect.words, effect.place);
  }
  const waiting: Message[] = [];
  let isBusy = false;
  /** One message after the other: what one of them starts may tell of the next at once. */
  function dispatch(message: Message): void {
    waiting.push(message);
    if (isBusy) return;
    isBusy = true;
    guarded(() => {
      for (let next = waiting.shift(); next; next = waiting.shift()) advance(next);
    });
    isBusy = false;
    // What comes together is drawn once.
    if (!isDue) setImmediate(draw);
    isDue = true;
  }
  function advance(message: Message): void {
    const updated = update(house, state, message);
    state = updated.state;
    for (const effect of updated.effects) perform(effect);
    feeds.need(needsOf(house, state));
  }
  const tick = setInterval(() => dispatch({ kind: "tick", nowMs: Date.now() }), tickMs);
  try {
    dispatch({ kind: "resize", size: screen.size });
    await ended.promise;
  } finally {
    clearInterval(tick);
  }
}
