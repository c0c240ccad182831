// tsns stats: resource use of containers, as a stream or once.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatBytes, formatPercent, formatSize } from "../../src/base/unit.ts";
import { type StatsSample, sampleStats } from "../../src/engine/container/stats.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

const intervalMs = 1000;

export const command = defineCommand({
  path: "container stats",
  usage: "[OPTIONS] [CONTAINER...]",
  summary: "Display a live stream of container(s) resource usage statistics",
  options: {
    all: { type: "boolean", short: "a", describe: "Show all containers (default shows just running)" },
    format: listingOptions.format,
    json: listingOptions.json,
    "no-stream": { type: "boolean", describe: "Disable streaming stats and only pull the first result" },
    "no-trunc": listingOptions["no-trunc"],
  },
  arity: [0, Number.POSITIVE_INFINITY],
  completes: "running",
  async run(context, { options, args }) {
    const once = options["no-stream"] ?? false;
    const clear = !once && context.stdout.isTTY ? "\x1b[2J\x1b[H" : "";
    const samples = sampleStats(context.engine(), args, { all: options.all ?? false, intervalMs, signal: context.signal });
    for await (const rows of samples) {
      context.stdout.write(clear + (await renderListing(listing(options["no-trunc"] ?? false), rows, options)));
      if (once) break;
    }
    return 0;
  },
});

const memoryPercentOf = ({ memoryBytes, memoryLimitBytes }: StatsSample["usage"]): number =>
  memoryLimitBytes > 0 ? (memoryBytes / memoryLimitBytes) * 100 : 0;

function listing(full: boolean): Listing<StatsSample> {
  return {
    fields: [
      { name: "ID", header: "CONTAINER ID", value: ({ state: { record } }) => (full ? record.id : shortId(record.id)) },
      { name: "Container", header: "CONTAINER", value: ({ asked }) => asked, inTable: false },
      { name: "Name", header: "NAME", value: ({ state }) => state.record.name },
      { name: "CPUPerc", header: "CPU %", value: ({ usage }) => formatPercent(usage.cpuPercent) },
      {
        name: "MemUsage",
        header: "MEM USAGE / LIMIT",
        value: ({ usage }) => `${formatBytes(usage.memoryBytes)} / ${formatBytes(usage.memoryLimitBytes)}`,
      },
      { name: "MemPerc", header: "MEM %", value: ({ usage }) => formatPercent(memoryPercentOf(usage)) },
      { name: "NetIO", header: "NET I/O", value: ({ usage }) => `${formatSize(usage.receivedBytes)} / ${formatSize(usage.sentBytes)}` },
      {
        name: "BlockIO",
        header: "BLOCK I/O",
        value: ({ usage }) => `${formatSize(usage.blockReadBytes)} / ${formatSize(usage.blockWriteBytes)}`,
      },
      { name: "PIDs", header: "PIDS", value: ({ usage }) => `${usage.pids}` },
    ],
    key: ({ state }) => shortId(state.record.id),
  };
}
