// tsns oci list|ps: tables of containers and of their processes, in runc's columns.

import { escapeControl } from "../../src/base/text.ts";
import type { RuntimeView } from "../../src/runtime/view.ts";
import { defineCommand } from "../command.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

const formatOption = {
  type: "string",
  short: "f",
  value: "format",
  describe: "Form of the output: table or json",
  choices: ["table", "json"],
  default: "table",
} as const;

export const list = defineCommand({
  path: "oci list",
  usage: "[OPTIONS]",
  summary: "List the containers of a state root",
  options: { ...globalOptions, format: formatOption, quiet: { type: "boolean", short: "q", describe: "Print only IDs" } },
  arity: [0, 0],
  async run(context, { options }) {
    const { listRuntimeViews } = await import("../../src/engine/runtime/list.ts");
    const views = await listRuntimeViews(runtimeOf(context, options));
    if (options.quiet) context.stdout.write(views.map(({ id }) => `${id}\n`).join(""));
    else if (options.format === "json") context.stdout.write(`${JSON.stringify(views)}\n`);
    else context.stdout.write(renderViews(views));
    return 0;
  },
});

export const ps = defineCommand({
  path: "oci ps",
  usage: "[OPTIONS] CONTAINER-ID [PS OPTIONS]",
  summary: "Show the processes of a container",
  options: { ...globalOptions, format: formatOption },
  arity: [1, Number.POSITIVE_INFINITY],
  interspersed: false,
  async run(context, { options, args: [id = "", ...words] }) {
    const { listRuntimeProcesses, renderRuntimeProcesses } = await import("../../src/engine/runtime/ps.ts");
    const runtime = runtimeOf(context, options);
    const text = options.format === "json" ? `${JSON.stringify(await listRuntimeProcesses(runtime, id))}\n` : undefined;
    context.stdout.write(text ?? (await renderRuntimeProcesses(runtime, id, words)));
    return 0;
  },
});

const titles = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"] as const;
/** Of Go's tabwriter as runc uses it: columns at least this wide, so much between them. */
const least = 12;
const gap = 3;

/** Every cell is padded, the last one too: as runc prints it. */
export function renderViews(views: readonly RuntimeView[]): string {
  const rows = [titles, ...views.map(({ id, pid, status, bundle, created, owner }) => [id, `${pid}`, status, bundle, created, owner])];
  const cells = rows.map((row) => row.map(escapeControl));
  const widths = titles.map((_, at) => Math.max(least, ...cells.map((row) => (row[at] ?? "").length + gap)));
  return cells.map((row) => `${row.map((cell, at) => (at < row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell)).join("")}\n`).join("");
}
