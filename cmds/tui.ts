// `tsns tui`: the dashboard on a terminal.
import { TsnsError } from "../src/base/error.ts";
import { parseDuration } from "../src/base/time.ts";
import { listContainers } from "../src/engine/container/list.ts";
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

export const command = defineCommand({
  path: "tui",
  usage: "[OPTIONS]",
  summary: "Watch and control containers on a full screen",
  options: {
    ascii: { type: "boolean", describe: "Draw with ASCII characters only" },
    "no-mouse": { type: "boolean", describe: "Leave the mouse to the terminal" },
    refresh: { type: "string", value: "duration", default: defaultRefresh, describe: "Time between two samples (at least 100ms)" },
    theme: { type: "string", choices: themes, default: "auto", describe: "Colours for a background (auto, dark, light), or none" },
    view: { type: "string", value: "string", describe: "View to begin with" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const intervalMs = parseRefresh(options.refresh ?? defaultRefresh);
    if (!context.stdinIsTTY || !context.stdout.isTTY) {
      throw new TsnsError("invalid", "no-terminal", "the dashboard needs a terminal", {
        hint: "for scripts there are tsns ps and tsns stats --no-stream",
      });
    }
    const engine = context.engine();
    // A refusal (no privilege) is told before the screen is taken.
    await listContainers(engine);
    const { runDashboard, viewNames } = await import("../tui/run.ts");
    const { view } = options;
    if (view !== undefined && !viewNames.includes(view)) {
      throw new TsnsError("invalid", "no-view", `no view is called ${view}`, { hint: `there are ${viewNames.join(", ")}` });
    }
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
