// The layout of the dashboard kept between runs: which view and tab, the shares of the screen, what each part keeps of its own, and what was
// entered into fields. A file of JSON in the user's directory for state; without it, or without the right to write it, the dashboard begins as
// it always does. Nobody else may read it.
import { mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { type Entered, keptOf, mergeEntered, parseEntered } from "./model/entered.ts";
import { type House, type State, viewOf } from "./model/state.ts";

const version = 1;

/** More than a dashboard ever writes. */
const mostBytes = 4 << 20;

interface Kept {
  readonly version: number;
  readonly view: string;
  readonly tab: string;
  readonly share: number;
  readonly isZoomed: boolean;
  readonly parts: Readonly<Record<string, unknown>>;
  readonly entered: Entered;
}

/** `$XDG_STATE_HOME/tsns/tui.json`; undefined where nobody has a home. */
export function keptPath(
  { XDG_STATE_HOME = "", HOME = "" }: Readonly<Record<string, string | undefined>>,
  name = "tui",
): string | undefined {
  const state = isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : isAbsolute(HOME) ? join(HOME, ".local/state") : undefined;
  return state && join(state, `tsns/${name}.json`);
}

/** `others`: what was entered elsewhere meanwhile. */
export function saveLayout(house: House, state: State, others: Entered = {}): string {
  const parts = [...house.views, ...house.tabs].flatMap(({ name, keep }) => (keep ? [[name, keep.save(state.parts[name])] as const] : []));
  const { view, tab, share, isZoomed } = state;
  const entered = mergeEntered(others, keptOf(state.entered));
  const kept: Kept = { version, view, tab, share, isZoomed, parts: Object.fromEntries(parts), entered };
  return `${JSON.stringify(kept)}\n`;
}

/** The text as a layout; undefined for garbage and for what another version has kept. */
function parseKept(text: string): Kept | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { version: found, view, tab, share, isZoomed, parts, entered } = value as Partial<Record<keyof Kept, unknown>>;
  if (found !== version || typeof view !== "string" || typeof tab !== "string" || typeof isZoomed !== "boolean") return undefined;
  if (typeof share !== "number" || !(share >= 0.1 && share <= 0.9) || typeof parts !== "object" || parts === null) return undefined;
  return { version, view, tab, share, isZoomed, parts: parts as Kept["parts"], entered: parseEntered(entered) };
}

/** The state as it was kept, as far as it is understood; undefined for what is no layout at all. */
export function restoreLayout(house: House, state: State, text: string): State | undefined {
  const kept = parseKept(text);
  if (!kept) return undefined;
  const parts: Record<string, unknown> = { ...state.parts };
  for (const { name, keep } of [...house.views, ...house.tabs]) {
    const own = Object.hasOwn(kept.parts, name) ? kept.parts[name] : undefined;
    const restored = own === undefined || !keep ? undefined : restoredPart(() => keep.restore(own));
    if (restored !== undefined) parts[name] = restored;
  }
  const view = house.views.find(({ name }) => name === kept.view);
  const tab = house.tabs.find(({ name }) => name === kept.tab)?.name ?? state.tab;
  const { share, isZoomed, entered } = kept;
  return { ...state, parts, tab, share, isZoomed, entered, view: view?.name ?? viewOf(house, state).name };
}

/** A part may trip over what somebody has edited. */
function restoredPart(restore: () => unknown): unknown {
  try {
    return restore();
  } catch {
    return undefined;
  }
}

/** What is no file would be waited for, what is too large is none of ours. */
function readKept(path: string): string {
  const stat = statSync(path);
  if (!stat.isFile() || stat.size > mostBytes) throw new Error(`${path} is no layout`);
  return readFileSync(path, "utf8");
}

/** What is entered in the file by now; nothing where it says nothing. */
function enteredIn(path: string): Entered {
  try {
    return parseKept(readKept(path))?.entered ?? {};
  } catch {
    return {};
  }
}

/** The first state of a run, with what was kept by the last one. */
export function readLayout(house: House, state: State, path: string | undefined): State {
  if (path === undefined) return state;
  let text: string;
  try {
    text = readKept(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    return isMissing ? state : { ...state, said: { text: `the layout kept in ${path} cannot be read; it begins anew`, role: "warning" } };
  }
  const restored = restoreLayout(house, state, text);
  return restored ?? { ...state, said: { text: `the layout kept in ${path} is not understood; it begins anew`, role: "warning" } };
}

/** With those above it, each tried once: `recursive` of mkdir never ends below /proc (Node 26). */
function makeFolder(path: string): void {
  const make = () => mkdirSync(path, 0o700);
  try {
    make();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    make();
  }
}

/** Whole or not at all; a home that cannot be written to is no reason to complain. */
export function writeLayout(house: House, state: State, path: string | undefined): void {
  if (path === undefined) return;
  const draft = `${path}.${process.pid}`;
  try {
    makeFolder(dirname(path));
    writeFileSync(draft, saveLayout(house, state, enteredIn(path)), { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    dropDraft(draft);
  }
}

/** Of a file system that has become full; elsewhere there is none. */
function dropDraft(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // It could not be made.
  }
}
