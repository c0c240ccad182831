// tsns top: the processes of a container.
import { renderTable } from "../../src/base/table.ts";
import { renderJson } from "../../src/base/text.ts";
import { topContainer, topRow, topTitles } from "../../src/engine/container/top.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container top",
  usage: "[OPTIONS] CONTAINER",
  summary: "Display the running processes of a container",
  options: { json: { type: "boolean", describe: "Print one JSON array" } },
  arity: [1, 1],
  completes: "running",
  run(context, { options, args }) {
    const processes = topContainer(context.engine(), args[0] ?? "");
    const now = Date.now();
    if (options.json) context.stdout.write(`${renderJson(processes, 2)}\n`);
    else
      context.stdout.write(
        renderTable(
          [...topTitles],
          processes.map((process) => [...topRow(process, now)]),
        ),
      );
    return 0;
  },
});
