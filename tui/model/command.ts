// The commands that were run from the dashboard: what became of each. Pure.
import { renderCommand } from "./action.ts";
import type { Message } from "./message.ts";
import type { CommandEntry } from "./part.ts";
import type { State } from "./state.ts";

/** Commands and characters of their output that are remembered. */
const most = { commands: 200, output: 16_384 } as const;

type CommandMessage = Extract<Message, { kind: `command.${string}` }>;

export function updateByCommand(state: State, message: CommandMessage): State {
  if (message.kind === "command.started") {
    const { number, words, atMs } = message;
    const entry: CommandEntry = { number, words, startedMs: atMs, output: "" };
    return {
      ...state,
      commands: [...state.commands, entry].slice(-most.commands),
      said: { text: `${renderCommand(words)} ...`, role: "plain" },
    };
  }
  const change = (entry: CommandEntry): CommandEntry =>
    message.kind === "command.output"
      ? { ...entry, output: (entry.output + message.text).slice(-most.output) }
      : { ...entry, endedMs: message.atMs, code: message.code };
  const commands = state.commands.map((entry) => (entry.number === message.number ? change(entry) : entry));
  if (message.kind === "command.output") return { ...state, commands };
  const ended = commands.find(({ number }) => number === message.number);
  return ended ? { ...state, commands, said: saidOf(ended) } : { ...state, commands };
}

/** The end of a command in one line: its error where it has one. */
function saidOf({ words, code, output }: CommandEntry): State["said"] {
  const command = renderCommand(words);
  if (code === 0) return { text: `${command}: done`, role: "good" };
  const last = output.trim().split("\n").at(-1) ?? "";
  return { text: last === "" ? `${command}: ended with ${code}` : `${command}: ${last}`, role: "bad" };
}
