// `tsns tui`: the dashboard on a terminal.
import { TsnsError } from "../src/base/error.ts";
import { listContainers } from "../src/engine/container/list.ts";
import { ownProgram } from "../src/engine/program.ts";
import { defineCommand } from "./command.ts";

const intervalMs = 1000;

export const command = defineCommand({
  path: "tui",
  usage: "",
  summary: "Watch and control containers on a full screen",
  options: {},
  arity: [0, 0],
  async run(context) {
    if (!context.stdinIsTTY || !context.stdout.isTTY) {
      throw new TsnsError("invalid", "no-terminal", "the dashboard needs a terminal", {
        hint: "for scripts there are tsns ps and tsns stats --no-stream",
      });
    }
    const engine = context.engine();
    // A refusal (no privilege) is told before the screen is taken.
    await listContainers(engine);
    const { runDashboard } = await import("../tui/run.ts");
    await runDashboard({ engine, program: ownProgram(engine), env: context.env, intervalMs, signal: context.signal });
    return 0;
  },
});
