// Leaving the dashboard while commands are under way: which ones, and what becomes of each. Pure.
import { type Line, line } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import { listedCommands } from "../model/command-list.ts";
import type { Effect } from "../model/effect.ts";
import type { CommandEntry } from "../model/part.ts";
import { renderOffer } from "./offer.ts";
import { questionDialog } from "./question.ts";

type Commands = readonly CommandEntry[];

interface UnderWay {
  /** Sessions of their own: they go on. */
  readonly running: Commands;
  /** Whose terminal is the dashboard's to give. */
  readonly hungUp: Commands;
  readonly waiting: Commands;
}

function underWay(commands: Commands): UnderWay {
  const all = listedCommands(commands).filter(({ code }) => code === undefined);
  const hasTerminal = ({ place }: CommandEntry): boolean => place === "pane" || place === "terminal";
  return {
    running: all.filter((entry) => entry.isWaiting !== true && !hasTerminal(entry)),
    hungUp: all.filter(hasTerminal),
    waiting: all.filter(({ isWaiting }) => isWaiting === true),
  };
}

function renderQuestion({ running, hungUp, waiting }: UnderWay): string {
  const runs = running.length + hungUp.length;
  const counts = [
    ...(runs > 0 ? [runs === 1 ? "1 command runs" : `${runs} commands run`] : []),
    ...(waiting.length > 0 ? [waiting.length === 1 ? "1 waits for its turn" : `${waiting.length} wait for their turn`] : []),
  ];
  return counts.length === 0 ? "All commands have ended by now. Leave?" : `Leave while ${counts.join(" and ")}?`;
}

function section(title: string, commands: Commands, columns: number): readonly Line[] {
  if (commands.length === 0) return [];
  const words = commands.map((entry) => entry.words);
  return [
    ...wrapText(title, columns).map((text) => line(text)),
    ...renderOffer({ commands: words, place: "quiet" }, columns, Number.POSITIVE_INFINITY),
  ];
}

const linesOf = ({ running, hungUp, waiting }: UnderWay, columns: number): readonly Line[] => [
  ...section(
    running.length === 1 ? "goes on to its end, which nobody is told of:" : "go on to their end, which nobody is told of:",
    running,
    columns,
  ),
  ...section(hungUp.length === 1 ? "is hung up with its pane:" : "are hung up with their panes:", hungUp, columns),
  ...section(waiting.length === 1 ? "is not started:" : "are not started:", waiting, columns),
];

/** The keys that led here lead on, as a second exit does in a shell with jobs. */
const again = { keys: new Set(["q", "C-c", "f10"]), shown: "q" } as const;

/** The end; while something is under way it is asked for. */
export function leaveEffects(commands: Commands): readonly Effect[] {
  const now = underWay(commands);
  const [some] = [...now.running, ...now.hungUp, ...now.waiting];
  if (!some) return [{ kind: "quit" }];
  const dialog = questionDialog(
    {
      title: "Leave?",
      text: (around) => renderQuestion(underWay(around.commands)),
      lines: (around) => linesOf(underWay(around.commands), around.size.columns),
      does: "leave",
      also: again,
      effects: [{ kind: "quit" }],
    },
    linesOf(now, 74).length,
  );
  return [{ kind: "open", dialog }];
}
