// `tsns info`: this installation and its host.
import { renderTemplate } from "../../src/base/template/template.ts";
import { escapeControl, renderJson } from "../../src/base/text.ts";
import { formatBytes } from "../../src/base/unit.ts";
import { readSystem, type SystemView } from "../../src/engine/system/info.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";

export const command = defineCommand({
  path: "system info",
  usage: "[OPTIONS]",
  summary: "Show what tsns keeps and what this host offers",
  options: { format: { ...formatOption, short: "f", describe: "Print with a Go template, or `json`" } },
  arity: [0, 0],
  async run(context, { options }) {
    const view = await readSystem(context.engine());
    if (options.format === "json") context.stdout.write(`${renderJson(view)}\n`);
    else if (options.format) context.stdout.write(`${renderTemplate(options.format, view)}\n`);
    else context.stdout.write(renderSystem(view));
    return 0;
  },
});

/** docker's layout: a title, then indented details. */
export function renderSystem(view: SystemView): string {
  const lines = [
    `Containers: ${view.Containers}`,
    ` Running: ${view.ContainersRunning}`,
    ` Stopped: ${view.ContainersStopped}`,
    `Images: ${view.Images}`,
    `Runtimes: ${Object.keys(view.Runtimes).join(" ")}`,
    `Default Runtime: ${view.DefaultRuntime}`,
    `Data Root: ${view.Root}`,
    `Cgroup Mode: ${view.CgroupMode}`,
    ` Controllers: ${view.CgroupControllers.join(" ")}`,
    `Operating System: ${view.OperatingSystem}`,
    `Kernel Version: ${view.KernelVersion}`,
    `Architecture: ${view.Architecture}`,
    `CPU Model: ${view.CPUModel}`,
    `CPUs: ${view.NCPU}`,
    `Total Memory: ${formatBytes(view.MemTotal)}`,
    `Total Swap: ${formatBytes(view.SwapTotal)}`,
    `Name: ${view.Name}`,
  ];
  return lines.map((line) => `${escapeControl(line)}\n`).join("");
}
