// `tsns cgroup top`: use of groups, as a stream or once.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatBytes, formatPercent, formatSize } from "../../src/base/unit.ts";
import { type GroupSample, sampleGroups } from "../../src/engine/cgroup/top.ts";
import { renderOwner } from "../../src/namespace/owner.ts";
import { defineCommand } from "../command.ts";
import { listingOptions, refuseDepth } from "../option/listing.ts";
import { usageError } from "../usage-error.ts";

const none = "-";
const known = (value: number | undefined, render: (value: number) => string) => (value === undefined ? none : render(value));
const rate = (value: number) => `${formatSize(value)}/s`;

const listing: Listing<GroupSample> = {
  fields: [
    { name: "Path", header: "CGROUP", value: ({ row }) => row.path },
    { name: "CPUPerc", header: "CPU %", value: ({ cpuPercent }) => known(cpuPercent, formatPercent) },
    { name: "Memory", header: "MEMORY", value: ({ usage }) => known(usage.memoryBytes, formatBytes) },
    { name: "Read", header: "READ", value: ({ readBytesPerSecond }) => known(readBytesPerSecond, rate) },
    { name: "Write", header: "WRITE", value: ({ writeBytesPerSecond }) => known(writeBytesPerSecond, rate) },
    { name: "Tasks", header: "TASKS", value: ({ usage, row }) => `${usage.tasks ?? row.pids.length}` },
    { name: "Owner", header: "OWNER", value: ({ row }) => (row.owner ? renderOwner(row.owner) : none) },
  ],
  key: ({ row }) => row.path,
  record: ({ row, usage, cpuPercent, readBytesPerSecond, writeBytesPerSecond }) => ({
    path: row.path,
    cpuPercent: cpuPercent ?? null,
    memoryBytes: usage.memoryBytes ?? null,
    readBytesPerSecond: readBytesPerSecond ?? null,
    writeBytesPerSecond: writeBytesPerSecond ?? null,
    tasks: usage.tasks ?? row.pids.length,
    owner: row.owner ?? null,
  }),
};

const orders = {
  cpu: ({ cpuPercent }: GroupSample) => cpuPercent ?? -1,
  memory: ({ usage }: GroupSample) => usage.memoryBytes ?? -1,
  io: ({ readBytesPerSecond, writeBytesPerSecond }: GroupSample) => (readBytesPerSecond ?? 0) + (writeBytesPerSecond ?? 0),
  tasks: ({ usage, row }: GroupSample) => usage.tasks ?? row.pids.length,
} as const;

type Order = keyof typeof orders | "path";

function isOrder(text: string): text is Order {
  return text === "path" || Object.hasOwn(orders, text);
}

/** Greatest first, by name where they are equal. */
function sortSamples(samples: readonly GroupSample[], order: Order): readonly GroupSample[] {
  if (order === "path") return samples;
  const value = orders[order];
  return [...samples].sort((a, b) => value(b) - value(a) || (a.row.path < b.row.path ? -1 : 1));
}

export const command = defineCommand({
  path: "cgroup top",
  usage: "[OPTIONS] [CGROUP|CONTAINER]",
  summary: "Show what groups use, again and again",
  options: {
    format: listingOptions.format,
    json: listingOptions.json,
    once: { type: "boolean", aliases: ["no-stream"], describe: "Measure once and end" },
    interval: { type: "number", short: "n", value: "decimal", describe: "Seconds between two readings", default: 1 },
    sort: {
      type: "string",
      choices: ["cpu", "memory", "io", "tasks", "path"],
      describe: "Order: cpu, memory, io, tasks or path",
      default: "cpu",
    },
    depth: { type: "number", short: "d", value: "int", describe: "How many levels to descend" },
    all: { type: "boolean", short: "a", describe: "Groups without processes too" },
  },
  arity: [0, 1],
  completes: "running",
  async run(context, { options, args }) {
    const seconds = options.interval ?? 1;
    if (!(seconds >= 0.05 && seconds <= 3600))
      throw usageError("cgroup top", [`invalid --interval ${seconds}: from 0.05 to 3600 seconds`], 2);
    refuseDepth("cgroup top", options.depth);
    const clear = !options.once && context.stdout.isTTY ? "\x1b[2J\x1b[H" : "";
    const order = options.sort !== undefined && isOrder(options.sort) ? options.sort : "cpu";
    const samples = sampleGroups(context.engine(), args[0], {
      intervalMs: seconds * 1000,
      signal: context.signal,
      onlyBusy: !options.all,
      ...(options.depth === undefined ? {} : { depth: options.depth }),
    });
    for await (const round of samples) {
      context.stdout.write(clear + (await renderListing(listing, sortSamples(round, order), options)));
      if (options.once) break;
    }
    return 0;
  },
});
