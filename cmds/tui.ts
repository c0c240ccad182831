// `tsns tui`: the dashboard on a terminal.
import { TsnsError } from "../src/base/error.ts";
import { statusText } from "../src/container/view.ts";
import { listContainers } from "../src/engine/container/list.ts";
import { sampleStats } from "../src/engine/container/stats.ts";
import { killContainer, stopContainer } from "../src/engine/container/stop.ts";
import type { Engine } from "../src/engine/engine.ts";
import type { ContainerRow } from "../tui/view.ts";
import { defineCommand } from "./command.ts";

const intervalSeconds = 1;

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
    const { runDashboard } = await import("../tui/dashboard.ts");
    await runDashboard(
      {
        intervalSeconds,
        watch: (signal) => watchRows(engine, signal),
        stop: (id) => stopContainer(engine, id),
        kill: (id) => killContainer(engine, id, "SIGKILL"),
      },
      context.signal,
    );
    return 0;
  },
});

async function* watchRows(engine: Engine, signal: AbortSignal): AsyncGenerator<readonly ContainerRow[]> {
  for await (const samples of sampleStats(engine, [], { all: true, intervalMs: intervalSeconds * 1000, signal })) {
    const use = new Map(samples.map((sample) => [sample.record.id, sample]));
    const states = await listContainers(engine);
    yield states.map((state): ContainerRow => {
      const { record } = state;
      const sample = use.get(record.id);
      return {
        id: record.id,
        name: record.name,
        image: record.spec.imageName,
        status: statusText(state, Date.now()),
        running: state.status === "running",
        cpuPercent: sample?.stats.cpuPercent ?? 0,
        memoryBytes: sample?.usage.memoryBytes ?? 0,
        memoryLimitBytes: sample?.usage.memoryLimitBytes ?? 0,
        pids: sample?.usage.pids ?? 0,
      };
    });
  }
}
