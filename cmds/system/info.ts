// tsns info: what there is and what this host can do.
import { parseTemplate } from "../../src/base/template/template.ts";
import { renderJson } from "../../src/base/text.ts";
import { formatBytes } from "../../src/base/unit.ts";
import { readSystemInfo, type SystemInfo } from "../../src/engine/system/info.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";

export const command = defineCommand({
  path: "system info",
  usage: "[OPTIONS]",
  summary: "Display what the data root holds and what this host offers",
  options: { format: { ...formatOption, short: "f" }, json: { type: "boolean", describe: "Print one JSON object" } },
  arity: [0, 0],
  async run(context, { options }) {
    const info = await readSystemInfo(context.engine());
    if (options.json || options.format === "json") context.stdout.write(`${renderJson(info, options.json ? 2 : undefined)}\n`);
    else if (options.format) context.stdout.write(`${parseTemplate(options.format).render(info)}\n`);
    else context.stdout.write(render(info));
    return 0;
  },
});

function render(info: SystemInfo): string {
  const lines: [string, string | number][] = [
    ["Containers", `${info.Containers} (${info.ContainersRunning} running, ${info.ContainersStopped} stopped)`],
    ["Images", info.Images],
    ["Storage Driver", info.Driver],
    ["Cgroup Version", `${info.CgroupVersion} (${info.CgroupControllers.join(" ")})`],
    ["iptables", info.IptablesBackend],
    ["Missing Capabilities", info.MissingCapabilities.join(" ") || "none"],
    ["Kernel Version", info.KernelVersion],
    ["Operating System", info.OperatingSystem],
    ["Architecture", info.Architecture],
    ["CPUs", `${info.NCPU} (${info.CPU})`],
    ["Total Memory", formatBytes(info.MemTotal)],
    ["Swap", formatBytes(info.SwapTotal)],
    ["Name", info.Name],
    ["Data Root", info.DataRoot],
  ];
  return lines.map(([name, value]) => `${name}: ${value}\n`).join("");
}
