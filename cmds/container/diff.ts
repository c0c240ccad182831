// tsns diff: files a container added, changed or deleted.
import { escapeControl, renderJson } from "../../src/base/text.ts";
import { diffContainer } from "../../src/engine/container/diff.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container diff",
  usage: "[OPTIONS] CONTAINER",
  summary: "Inspect changes to files or directories on a container's file system",
  options: { json: { type: "boolean", describe: "Print one JSON array" } },
  arity: [1, 1],
  completes: "container",
  run(context, { options, args }) {
    const changes = diffContainer(context.engine(), args[0] ?? "", options.json ? ["--json"] : []);
    if (options.json) context.stdout.write(`${renderJson(changes, 2)}\n`);
    else context.stdout.write(changes.map(({ kind, path }) => `${kind} ${escapeControl(path)}\n`).join(""));
    return 0;
  },
});
