// The dashboard at work: messages change the state, the state says what is drawn, fed and done. The one place where it meets the terminal,
// the engine and other processes.
import { hostname as ownName } from "node:os";
import type { Engine } from "../src/engine/engine.ts";
import { everyPeriod } from "../src/engine/live/pace.ts";
import { terminalHost } from "../src/engine/program.ts";
import { openCommands } from "./command/command.ts";
import { openFarewell } from "./command/farewell.ts";
import { asciiGlyphs, unicodeGlyphs } from "./draw/glyph.ts";
import { drawScreen } from "./draw/screenful.ts";
import { type FeedMakers, openFeeds } from "./feed/feed.ts";
import { saveText } from "./feed/log.ts";
import { makeFeedMakers } from "./feed/makers.ts";
import { house as wholeHouse } from "./house.ts";
import { keptPath, readLayout, writeLayout } from "./keep.ts";
import type { Words } from "./model/action.ts";
import type { Effect } from "./model/effect.ts";
import type { Message } from "./model/message.ts";
import { needsOf } from "./model/needs.ts";
import { shownPane } from "./model/pane.ts";
import { type House, initialState, type State } from "./model/state.ts";
import { update } from "./model/update.ts";
import { wayOutOf } from "./model/way-out.ts";
import { openPanes } from "./pane/pane.ts";
import type { AbilityOptions } from "./screen/ability.ts";
import { openScreen } from "./screen/screen.ts";
import { createTicking } from "./tick.ts";

export interface DashboardOptions extends AbilityOptions {
  readonly engine: Engine;
  /** What starts another tsns on the same data root: program and first arguments. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Between two samples. */
  readonly intervalMs: number;
  readonly hasMouse: boolean;
  /** Name of the view to begin with, instead of the one that was left. */
  readonly view?: string;
  /** Other parts than those of the dashboard, and the name that their layout is kept by. */
  readonly other?: { readonly house: House; readonly name: string };
  /** Instead of the machine's own: what is fed, and the time. */
  readonly world?: { readonly makers: FeedMakers; readonly now: () => number; readonly hostname: string };
}

const tickMs = 1000;

/** The state a run begins with: the layout of the last one, and what this one asks for. */
function firstState(house: House, first: State, path: string | undefined, view: string | undefined): State {
  const kept = readLayout(house, first, path);
  return view === undefined ? kept : { ...kept, view, focus: "view" };
}

function save({ path, text, overwrites }: Extract<Effect, { kind: "save" }>, fail: (error: unknown) => void): void {
  try {
    saveText(path, text, overwrites);
  } catch (error) {
    fail(error);
  }
}

/** Runs until q, Ctrl-C, a signal or the terminal's end; the terminal is given back whatever happens. */
export async function runDashboard({ engine, program, env, intervalMs, view, world, other, ...look }: DashboardOptions): Promise<void> {
  const { makers, now, hostname } = world ?? { makers: makeFeedMakers({ intervalMs }), now: Date.now, hostname: ownName() };
  const { house, name } = other ?? { house: wholeHouse, name: "tui" };
  const ended = Promise.withResolvers<void>();
  using farewell = openFarewell();
  using screen = openScreen({
    ...look,
    env,
    emit: (message) => dispatch(message),
    end: (error) => (error ? ended.reject(error) : ended.resolve()),
  });
  const path = keptPath(env, name);
  const glyphs = screen.isUnicode ? unicodeGlyphs : asciiGlyphs;
  let state = firstState(house, { ...initialState(house, screen.size, glyphs, now()), hostname }, path, view);
  const keep = () => writeLayout(house, state, path);
  process.once("exit", keep);
  using feeds = openFeeds(engine, makers, {
    emit: (fed) => dispatch({ kind: "fed", fed }),
    fail: (error) => fail(error),
  });
  using panes = openPanes({ host: terminalHost, emit: dispatch });
  const before = (words: Words) => wayOutOf(words, state.fed.containers?.containers)?.text;
  using commands = openCommands({ program, env, emit: dispatch, panes, lend: (use) => screen.lend(use), before });
  farewell.left = commands.left;
  const ticking = createTicking();
  let isDue = false;
  function draw(): void {
    isDue = false;
    guarded(() => ticking.drawn(screen.draw(drawScreen(house, state))));
  }
  const fail = (error: unknown) => dispatch({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
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
    else if (effect.kind === "save") save(effect, fail);
    else if (effect.kind === "command") commands.run(effect.words, effect.place, effect.label);
    else if (effect.kind === "signal") commands.signal(effect.number, effect.signal);
    else if (effect.kind === "pane.key") panes.key(effect.number, effect.key);
    else if (effect.kind === "pane.mouse") panes.mouse(effect.number, effect.mouse);
    else if (effect.kind === "pane.close") panes.close(effect.number);
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
    const pane = shownPane(house, state);
    panes.show(pane);
    screen.track(pane?.tracking === "drag" || pane?.tracking === "any" ? pane.tracking : "press");
  }
  using _clock = everyPeriod(tickMs, () => {
    if (ticking.isDue()) dispatch({ kind: "tick", nowMs: now() });
  });
  try {
    dispatch({ kind: "resize", size: screen.size });
    await ended.promise;
  } finally {
    process.off("exit", keep);
    keep();
  }
}
