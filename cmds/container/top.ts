// tsns top: the processes of a container.
import { renderTable } from "../../src/base/table.ts";
import { renderJson } from "../../src/base/text.ts";
import { topByPs, topContainer, topRow, topTitles } from "../../src/engine/container/top.ts";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "container top",
  usage: "[OPTIONS] CONTAINER [ps OPTIONS]",
  summary: "Display the running processes of a container",
  options: { json: { type: "boolean", describe: "Print one JSON array" } },
  arity: [1, Number.POSITIVE_INFINITY],
  interspersed: false,
  completes: "running",
  run(context, { options, args: [container = "", ...words] }) {
    const print = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
      context.stdout.write(
        renderTable(
          [...titles],
          rows.map((row) => [...row]),
        ),
      );
    if (words.length > 0) {
      if (options.json) throw usageError("top", ["conflicting options: --json and options of ps both say what to print"]);
      const { titles, rows } = topByPs(context.engine(), container, words);
      print(titles, rows);
      return 0;
    }
    const processes = topContainer(context.engine(), container);
    const now = Date.now();
    if (options.json) context.stdout.write(`${renderJson(processes, 2)}\n`);
    else
      print(
        topTitles,
        processes.map((process) => topRow(process, now)),
      );
    return 0;
  },
});
