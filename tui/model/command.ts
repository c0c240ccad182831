// The commands that were run from the dashboard: what became of each. Pure.
import { outputDialog } from "../dialog/output.ts";
import { renderCommand } from "./action.ts";
import { foldOutput, lastLine, nothingFolded } from "./fold.ts";
import type { Message } from "./message.ts";
import { renderEnd } from "./outcome.ts";
import type { CommandEntry } from "./part.ts";
import type { State } from "./state.ts";
import { wayOutOf } from "./way-out.ts";

/** Commands that are remembered. */
const most = 200;

type CommandMessage = Extract<Message, { kind: `command.${string}` }>;

export function updateByCommand(state: State, message: CommandMessage): State {
  if (message.kind === "command.waiting")
    return { ...state, commands: withEntry(state.commands, { ...entryOf(message), isWaiting: true }) };
  if (message.kind === "command.started") return started(state, message);
  const change = (entry: CommandEntry): CommandEntry =>
    message.kind === "command.output"
      ? { ...entry, output: foldOutput(entry.output, message.text) }
      : { ...entry, endedMs: message.atMs, code: message.code, ...(message.signal === undefined ? {} : { signal: message.signal }) };
  const commands = state.commands.map((entry) => (entry.number === message.number ? change(entry) : entry));
  if (message.kind === "command.output") return { ...state, commands };
  const ended = commands.find(({ number }) => number === message.number);
  return ended && ended.place !== "aside" ? { ...state, commands, said: saidOf(ended) } : { ...state, commands };
}

type Begun = Extract<CommandMessage, { kind: "command.waiting" | "command.started" }>;

const entryOf = ({ number, words, place, label, atMs }: Begun): CommandEntry => ({
  number,
  words,
  place,
  ...(label === undefined ? {} : { label }),
  startedMs: atMs,
  output: nothingFolded,
});

/** In its place where it has waited there, else as the newest. */
function withEntry(commands: readonly CommandEntry[], entry: CommandEntry): readonly CommandEntry[] {
  const hasWaited = commands.some(({ number, isWaiting }) => number === entry.number && isWaiting === true);
  return bounded(hasWaited ? commands.map((other) => (other.number === entry.number ? entry : other)) : [...commands, entry]);
}

function started(state: State, message: Begun): State {
  const { number, words, place } = message;
  const commands = withEntry(state.commands, entryOf(message));
  if (place === "aside") return { ...state, commands };
  const dialogs = place === "watched" ? [...state.dialogs, outputDialog(number)] : state.dialogs;
  const way = wayOutOf(words, state.fed.containers?.containers);
  const text = way ? `${renderCommand(words)}: ${way.text}` : `${renderCommand(words)} ...`;
  return { ...state, commands, dialogs, said: { text, role: "plain" } };
}

/** Without the oldest that has ended, when there are too many; of those for dialogs only what may still be shown. */
function bounded(commands: readonly CommandEntry[]): readonly CommandEntry[] {
  const asides = commands.filter(({ place }) => place === "aside");
  const kept = new Set(asides.slice(-8));
  const listed = commands.filter((entry) => entry.place !== "aside" || kept.has(entry));
  const over = listed.length - most;
  if (over <= 0) return listed;
  const oldest = new Set(listed.filter(({ code }) => code !== undefined).slice(0, over));
  return listed.filter((entry) => !oldest.has(entry));
}

/** The end of a command in one line: its error where it has one. */
function saidOf(entry: CommandEntry): State["said"] {
  const command = renderCommand(entry.words);
  if (entry.code === 0) return { text: `${command}: done`, role: "good" };
  if (entry.isWaiting) return { text: `${command}: ${renderEnd(entry)}`, role: "plain" };
  const last = entry.signal === undefined ? lastLine(entry.output).replace(/^tsns: /, "") : "";
  const text = last === "" ? `${command}: ${renderEnd(entry)}` : `${command}: ${last}`;
  return { text, role: "bad", number: entry.number };
}
