// tsns top: the processes of a container; without one those of all, live.
import { renderTable } from "../../src/base/table.ts";
import { renderJson } from "../../src/base/text.ts";
import { topByPs, topContainer, topRow, topTitles } from "../../src/engine/container/top.ts";
import { type Context, defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

const sortWords = ["cpu", "memory", "time", "pid"] as const;

export const command = defineCommand({
  path: "container top",
  usage: "[OPTIONS] [CONTAINER [ps OPTIONS]]",
  summary: "Display the running processes of a container, or of all as they go",
  options: {
    json: { type: "boolean", describe: "Print one JSON array" },
    once: { type: "boolean", aliases: ["no-stream"], describe: "Without a container: print one table and end, on a terminal too" },
    sort: { type: "string", choices: sortWords, describe: "Without a container: by cpu, memory, time or pid" },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  interspersed: false,
  completes: "running",
  async run(context, { options, args: [container, ...rest] }) {
    const { once = false, sort } = options;
    if (container === undefined) {
      const { runTopAll } = await import("./top-all.ts");
      const order = sortWords.find((word) => word === sort);
      return await runTopAll(context, { once, json: options.json ?? false, ...(order === undefined ? {} : { sort: order }) });
    }
    if (once || sort !== undefined) {
      throw usageError("top", [`conflicting options: ${once ? "--once" : "--sort"} is for all containers, and ${container} is one`]);
    }
    // Behind the name too: ps has no such option.
    const words = rest.filter((word) => word !== "--json");
    const json = options.json || words.length < rest.length;
    if (words.length > 0) {
      if (json) throw usageError("top", ["conflicting options: --json and options of ps both say what to print"]);
      const { titles, rows } = topByPs(context.engine(), container, words);
      print(context, titles, rows);
      return 0;
    }
    const processes = topContainer(context.engine(), container);
    const now = Date.now();
    if (json) context.stdout.write(`${renderJson(processes, 2)}\n`);
    else
      print(
        context,
        topTitles,
        processes.map((process) => topRow(process, now)),
      );
    return 0;
  },
});

function print(context: Context, titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = rows.map((row) => [...row]);
  context.stdout.write(renderTable([...titles], lines));
}
