// `tsns version`: what runs here, in fields.
import { release } from "node:os";
import { renderTemplate } from "../../src/base/template/template.ts";
import { renderJson } from "../../src/base/text.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { readVersion } from "../version.ts";

export const command = defineCommand({
  path: "system version",
  usage: "[OPTIONS]",
  summary: "Show the versions of tsns, Node and the kernel",
  options: { format: { ...formatOption, short: "f", describe: "Print with a Go template, or `json`" } },
  arity: [0, 0],
  run(context, { options }) {
    const view = {
      Version: readVersion(),
      NodeVersion: process.versions.node,
      KernelVersion: release(),
      Os: process.platform,
      Arch: process.arch,
    };
    if (options.format === "json") context.stdout.write(`${renderJson(view)}\n`);
    else if (options.format) context.stdout.write(`${renderTemplate(options.format, view)}\n`);
    else {
      const lines = Object.entries({
        tsns: view.Version,
        "Node.js": view.NodeVersion,
        Kernel: view.KernelVersion,
        "OS/Arch": `${view.Os}/${view.Arch}`,
      });
      context.stdout.write(lines.map(([name, value]) => `${`${name}:`.padEnd(10)}${value}\n`).join(""));
    }
    return 0;
  },
});
