// `tsns tui`: the dashboard on a terminal.
import { TsnsError } from "../src/base/error.ts";
import { parseDuration } from "../src/base/time.ts";
import { ownProgram } from "../src/engine/program.ts";
import { defineCommand } from "./command.ts";

const defaultRefresh = "1s";
const leastRefreshMs = 100;
const mostRefreshMs = 3_600_000;

function parseRefresh(text: string): number {
  const milliseconds = Math.round(parseDuration(text, "--refresh"));
  if (milliseconds >= leastRefreshMs && milliseconds <= mostRefreshMs) return milliseconds;
  throw new TsnsError("invalid", "bad-refresh", `--refresh ${text} is not between 100ms and 1h`, {
    hint: `the default is ${defaultRefresh}`,
  });
}

const themes = ["auto", "dark", "light", "none"] as const;

/** Options of a screen mean nothing on paper. */
function refuseLook(options: Readonly<Record<string, unknown>>): void {
  const [refused] = [
    ...(options.ascii ? ["--ascii"] : []),
    ...(options["no-mouse"] ? ["--no-mouse"] : []),
    ...(options.theme === undefined || options.theme === "auto" ? [] : ["--theme"]),
  ];
  if (!refused) return;
  throw new TsnsError("invalid", "bad-option", `${refused} means nothing with --once, which prints plain text`, {
    hint: `leave ${refused} out`,
  });
}

async function refuseUnknown(view: string): Promise<void> {
  const { house } = await import("../tui/house.ts");
  const names = house.views.map(({ name }) => name);
  if (names.includes(view)) return;
  throw new TsnsError("invalid", "no-view", `no view is called ${view}`, { hint: `there are ${names.join(", ")}` });
}

export const command = defineCommand({
  path: "tui",
  usage: "[OPTIONS]",
  summary: "Watch and control containers on a full screen",
  options: {
    ascii: { type: "boolean", describe: "Draw with ASCII characters only" },
    "no-mouse": { type: "boolean", describe: "Leave the mouse to the terminal" },
    once: { type: "boolean", describe: "Print what the views show as plain text, and end" },
    refresh: { type: "string", value: "duration", default: defaultRefresh, describe: "Time between two samples (at least 100ms)" },
    theme: { type: "string", choices: themes, default: "auto", describe: "Colours for a background (auto, dark, light), or none" },
    view: { type: "string", value: "string", describe: "View to begin with; with --once the one to print" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const intervalMs = parseRefresh(options.refresh ?? defaultRefresh);
    if (options.once) refuseLook(options);
    else if (!context.stdinIsTTY || !context.stdout.isTTY) {
      throw new TsnsError("invalid", "no-terminal", "the dashboard needs a terminal", {
        hint: "for scripts there is tsns tui --once",
      });
    }
    const engine = context.engine();
    // A refusal (no privilege) is told before the screen is taken.
    void engine.store;
    const { view } = options;
    if (view !== undefined) await refuseUnknown(view);
    if (options.once) {
      const { renderOnce, snapshotColumns } = await import("../tui/once.ts");
      const columns = snapshotColumns(context.env.COLUMNS, context.stdout.isTTY ? context.stdout.columns : undefined);
      context.stdout.write(await renderOnce({ engine, intervalMs, columns, ...(view === undefined ? {} : { view }) }));
      return 0;
    }
    const { runDashboard } = await import("../tui/run.ts");
    await runDashboard({
      engine,
      program: ownProgram(engine),
      env: context.env,
      intervalMs,
      hasMouse: options["no-mouse"] !== true,
      isAscii: options.ascii === true,
      theme: themes.find((theme) => theme === options.theme) ?? "auto",
      ...(view === undefined ? {} : { view }),
    });
    return 0;
  },
});
