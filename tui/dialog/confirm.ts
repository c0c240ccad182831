// A question before something that cannot be taken back: what is hit, the commands it is, flags to switch, yes or no. Pure.
import { type Drawn, type Line, line, span } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import { renderCommand, type Words } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import { type Change, type Dialog, dialogOf, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { acceptEffects, explainEffects, explainKeys, type Offer, offerHints, renderOffer } from "./offer.ts";
import { hasNothing, renderPreview } from "./preview.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "./scroll.ts";

/** Something about the command that is chosen before the answer. */
export interface Switch {
  readonly key: string;
  readonly does: string;
}

export interface Question {
  readonly text: string;
  /** What is hit, one line each. */
  readonly hits?: readonly string[];
  readonly switches?: readonly Switch[];
  /** Each is run when the answer is yes; `on`: keys of the switches that are on. */
  commands(on: ReadonlySet<string>): readonly Words[];
  readonly place: Offer["place"];
  /** What is run before the answer, whose output says what would be hit. */
  preview?(on: ReadonlySet<string>): Words;
}

interface State {
  readonly question: Question;
  readonly on: ReadonlySet<string>;
  readonly top: number;
}

const offerOf = ({ question, on }: State): Offer => ({ commands: question.commands(on), place: question.place });

/** Asks for what the dialog shows of the world. */
function previewEffects({ question, on }: State): readonly Effect[] {
  const words = question.preview?.(on);
  return words ? [{ kind: "command", words, place: "aside", label: words.join(" ") }] : [];
}

function hitsOf({ question, on }: State, { commands, size }: Surroundings): readonly Line[] {
  const words = question.preview?.(on);
  if (words) return renderPreview(commands, words.join(" "), size.columns);
  return (question.hits ?? []).map((text): Line => [span("  "), span(text)]);
}

/** The preview has come to its end and says nothing: there is nothing to say yes to. */
function isEmpty({ question, on }: State, { commands }: Surroundings): boolean {
  const words = question.preview?.(on);
  return words !== undefined && hasNothing(commands, words.join(" "));
}

const yesAndNo: Line = [span("y", "key"), span(" yes   "), span("n", "key"), span(" no   "), span("F2", "key"), span(" explain")];
const awayAlone: Line = [span("Esc", "key"), span(" away")];

/** The parts of the drawing; what is hit gets the rows that are left. */
function layOut(state: State, around: Surroundings) {
  const { columns, rows } = around.size;
  const text = wrapText(state.question.text, columns).map((part) => line(part, "strong"));
  const hits = hitsOf(state, around);
  const switches = (state.question.switches ?? []).map(
    ({ key, does }): Line => [span(key, "key"), span(` [${state.on.has(key) ? "x" : " "}] ${does}`)],
  );
  const hasNone = isEmpty(state, around);
  const offer = hasNone ? [] : renderOffer(offerOf(state), columns, Math.max(Math.floor(rows / 3), 1));
  const answers = hasNone ? awayAlone : yesAndNo;
  const fixed = text.length + switches.length + offer.length + 1;
  const wanted = hits.length > 0 ? 3 : 2;
  const gaps = rows - fixed - Math.min(hits.length, 3) >= wanted ? wanted : 0;
  return { text, hits, switches, offer, answers, gaps, room: Math.max(rows - fixed - gaps, 0) };
}

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const { hits, room } = layOut(state, around);
  const top = scrolled(state.top, message, hits.length, windowHeight(hits.length, room));
  if (top !== undefined) return { state: { ...state, top } };
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  if (name === "y" || name === "enter") return isEmpty(state, around) ? { state } : { state, effects: acceptEffects(offerOf(state)) };
  if (name === "n" || name === "escape" || name === "q" || name === "C-c") return { state, effects: [{ kind: "close" }] };
  if (explainKeys.has(name)) return { state, effects: explainEffects(offerOf(state)) };
  if (!state.question.switches?.some(({ key }) => key === name)) return { state };
  const on = new Set(state.on);
  if (!on.delete(name)) on.add(name);
  const changed = { ...state, on, top: 0 };
  return { state: changed, effects: previewEffects(changed) };
}

function draw(state: State, around: Surroundings): Drawn {
  const { text, hits, switches, offer, answers, gaps, room } = layOut(state, around);
  const gap: readonly Line[] = gaps > 0 ? [[]] : [];
  const top = boundedTop(state.top, hits.length, windowHeight(hits.length, room));
  const shown = windowOf(hits, top, room);
  return { lines: [...text, ...gap, ...shown, ...(shown.length > 0 ? gap : []), ...switches, ...offer, ...gap, answers] };
}

const part: Part<State> = {
  name: "confirm",
  title: "Sure?",
  initial: { question: { text: "", place: "quiet", commands: () => [] }, on: new Set(), top: 0 },
  needs: () => [],
  update,
  draw,
  keys: (state, around) => (isEmpty(state, around) ? [{ key: "Esc", does: "away", isShown: true }] : offerHints("yes", "y")),
};

/** Room of the dialog: with a preview as much as there is. */
function sizeOf(question: Question): Dialog["wants"] {
  const { hits = [], switches = [], preview } = question;
  const commands = question.commands(new Set()).reduce((sum, words) => sum + Math.ceil(renderCommand(words).length / 66), 0);
  // The text, the answers, the frame, and lines between them.
  const others = hits.length > 0 ? 7 : 6;
  return ({ columns, rows }) => ({
    columns: Math.min(columns, preview ? 100 : 76),
    rows: Math.min(rows, preview ? Math.max(rows - 4, 12) : hits.length + switches.length + commands + others),
  });
}

/** Asks; yes runs the commands. */
export const confirmDialog = (question: Question): Dialog => dialogOf(part, sizeOf(question), { ...part.initial, question });

/** Opens it, and asks for its preview. */
export function confirmEffects(question: Question): readonly Effect[] {
  return [{ kind: "open", dialog: confirmDialog(question) }, ...previewEffects({ ...part.initial, question })];
}
