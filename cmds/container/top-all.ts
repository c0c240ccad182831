// tsns top without a container: the processes of all, on a screen of its own or as a table.
import { renderTable } from "../../src/base/table.ts";
import { renderJson } from "../../src/base/text.ts";
import { topAll } from "../../src/engine/container/top-all.ts";
import type { ProcessUse } from "../../src/engine/live/process.ts";
import { ownProgram } from "../../src/engine/program.ts";
import { commandOf, descendingOrders, processColumns, processOrders } from "../../tui/tab/process/column.ts";
import type { Context } from "../command.ts";

export interface TopAllRequest {
  readonly once: boolean;
  readonly json: boolean;
  /** cpu, unless told otherwise. */
  readonly sort?: "cpu" | "memory" | "time" | "pid";
}

const columns = processColumns(true);

const cellOf = (use: ProcessUse, { cell }: (typeof columns)[number]): string => {
  const given = cell({ use, branch: "" });
  return typeof given === "string" ? given : given.text;
};

function sorted(processes: readonly ProcessUse[], sort: NonNullable<TopAllRequest["sort"]>): readonly ProcessUse[] {
  const value = processOrders[sort] ?? (({ pid }: ProcessUse) => pid);
  const sign = descendingOrders.has(sort) ? -1 : 1;
  return processes.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    return a === b ? one.pid - other.pid : (a < b ? -1 : 1) * sign;
  });
}

const documentOf = (use: ProcessUse): object => ({
  container: use.containerName,
  containerId: use.containerId,
  pid: use.pid,
  parentPid: use.parentPid,
  innerPid: use.innerPid,
  user: use.user,
  cpuPercent: use.cpuPercent ?? 0,
  memoryBytes: use.residentBytes,
  state: use.state,
  cpuSeconds: use.cpuSeconds,
  threads: use.threads,
  started: new Date(use.startedMs).toISOString(),
  command: commandOf(use),
  args: use.args,
});

/** On a terminal until q; elsewhere, and with `once`, one table. */
export async function runTopAll(context: Context, { once, json, sort }: TopAllRequest): Promise<number> {
  const engine = context.engine();
  if (!once && !json && context.stdinIsTTY && context.stdout.isTTY) {
    // A refusal (no privilege) is told before the screen is taken.
    void engine.store;
    const [{ runDashboard }, { topHouse }] = await Promise.all([import("../../tui/run.ts"), import("../../tui/top-house.ts")]);
    await runDashboard({
      engine,
      program: ownProgram(engine),
      env: context.env,
      intervalMs: 1000,
      hasMouse: true,
      isAscii: false,
      theme: "auto",
      other: { house: topHouse(sort), name: "top" },
    });
    return 0;
  }
  const board = await topAll(engine, context.signal);
  if (!board) return 0;
  const processes = sorted(board.processes, sort ?? "cpu");
  if (json) context.stdout.write(`${renderJson(processes.map(documentOf), 2)}\n`);
  else
    context.stdout.write(
      renderTable(
        columns.map(({ title }) => title),
        processes.map((use) => columns.map((column) => cellOf(use, column))),
      ),
    );
  return 0;
}
