// `tsns cgroup tree`, `ls`, `show` and `get`: groups as they are, whoever made them.
import { type Field, type Listing, renderListing } from "../../src/base/listing.ts";
import { renderTable } from "../../src/base/table.ts";
import { escapeControl, renderJson } from "../../src/base/text.ts";
import { formatBytes, formatSize } from "../../src/base/unit.ts";
import { findLimitWord, renderLimit } from "../../src/cgroup/limit.ts";
import { drawTree, type GroupRow } from "../../src/cgroup/view.ts";
import { readGroupFile } from "../../src/engine/cgroup/change.ts";
import { type LimitView, readLimitViews } from "../../src/engine/cgroup/get.ts";
import { listGroups } from "../../src/engine/cgroup/list.ts";
import { type GroupView, showGroup } from "../../src/engine/cgroup/show.ts";
import { renderOwner } from "../../src/namespace/owner.ts";
import { defineCommand } from "../command.ts";
import { listingOptions, refuseDepth } from "../option/listing.ts";

const none = "-";
const bytes = (value: number | undefined) => (value === undefined ? none : formatBytes(value));

/** Columns of lists and trees; a value is read when its column is shown. */
const fields: Readonly<Record<string, Field<GroupRow>>> = {
  path: { name: "Path", header: "CGROUP", value: ({ path }) => path },
  controllers: { name: "Controllers", header: "CONTROLLERS", value: ({ controllers }) => controllers.join(",") },
  processes: { name: "Processes", header: "PROCESSES", value: ({ pids }) => `${pids.length}` },
  memory: { name: "Memory", header: "MEMORY", value: ({ usage }) => bytes(usage.memoryBytes) },
  memoryLimit: { name: "MemoryLimit", header: "LIMIT", value: ({ limits }) => renderLimit("memory", limits) ?? none },
  shares: { name: "CPUShares", header: "SHARES", value: ({ limits }) => renderLimit("cpu-shares", limits) ?? none },
  cpus: { name: "CPUs", header: "CPUS", value: ({ limits }) => renderLimit("cpus", limits) ?? none },
  pidsLimit: { name: "PIDsLimit", header: "PIDS LIMIT", value: ({ limits }) => renderLimit("pids-limit", limits) ?? none },
  owner: { name: "Owner", header: "OWNER", value: ({ owner }) => (owner ? renderOwner(owner) : none) },
};

const pick = (...names: readonly string[]) => names.flatMap((name) => fields[name] ?? []);
const hidden = (field: Field<GroupRow>): Field<GroupRow> => ({ ...field, inTable: false });

function recordOf(row: GroupRow): object {
  const { path, controllers, pids, owner, usage, limits } = row;
  return { path, controllers, pids, owner: owner ?? null, usage, limits };
}

const groupOptions = {
  format: listingOptions.format,
  json: listingOptions.json,
  depth: { type: "number", short: "d", value: "int", describe: "How many levels to descend" },
  busy: { type: "boolean", short: "b", describe: "Only groups with processes in them or below" },
} as const;

interface ViewOptions {
  readonly depth?: number | undefined;
  readonly busy?: boolean | undefined;
}

function choiceOf(path: string, { depth, busy }: ViewOptions) {
  refuseDepth(path, depth);
  return { ...(depth === undefined ? {} : { depth }), onlyBusy: busy ?? false };
}

export const tree = defineCommand({
  path: "cgroup tree",
  usage: "[OPTIONS] [CGROUP|CONTAINER]",
  summary: "Show groups below each other, with their processes and owners",
  options: { ...groupOptions, pids: { type: "boolean", short: "p", describe: "Print the ids of the processes instead of their number" } },
  arity: [0, 1],
  completes: "running",
  async run(context, { options, args }) {
    const rows = listGroups(context.engine(), args[0], choiceOf("cgroup tree", options));
    const lines = drawTree(rows.map(({ path }) => path));
    const lineOf = new Map(rows.map((row, at) => [row, lines[at] ?? row.path]));
    const drawn: Field<GroupRow> = { name: "Tree", header: "CGROUP", value: (row) => lineOf.get(row) ?? row.path };
    const count: Field<GroupRow> = options.pids
      ? { name: "Pids", header: "PIDS", value: ({ pids }) => pids.join(",") || none }
      : { name: "Processes", header: "PROCESSES", value: ({ pids }) => (pids.length === 0 ? none : `${pids.length}`) };
    const rest = pick("path", "controllers", "memory", "memoryLimit", "shares", "cpus", "pidsLimit").map(hidden);
    const listing: Listing<GroupRow> = {
      fields: [drawn, count, ...pick("owner"), ...rest],
      key: ({ path }) => path,
      record: ({ path, controllers, pids, owner }) => ({ path, controllers, pids, owner: owner ?? null }),
    };
    context.stdout.write(await renderListing(listing, rows, options));
    return 0;
  },
});

export const ls = defineCommand({
  path: "cgroup ls",
  usage: "[OPTIONS] [CGROUP|CONTAINER]",
  summary: "List groups with their use and limits",
  options: { ...groupOptions, quiet: listingOptions.quiet },
  arity: [0, 1],
  completes: "running",
  async run(context, { options, args }) {
    const rows = listGroups(context.engine(), args[0], choiceOf("cgroup ls", options));
    const listing: Listing<GroupRow> = {
      fields: [
        ...pick("path", "processes", "memory", "memoryLimit", "cpus", "pidsLimit", "owner"),
        ...pick("controllers", "shares").map(hidden),
      ],
      key: ({ path }) => path,
      record: recordOf,
    };
    context.stdout.write(await renderListing(listing, rows, options));
    return 0;
  },
});

function section(title: string, lines: readonly (readonly [string, string | number | undefined])[]): string {
  const told = lines.filter(([, value]) => value !== undefined && value !== "");
  if (told.length === 0) return "";
  return `\n${title}:\n${told.map(([name, value]) => `  ${`${name}:`.padEnd(20)} ${escapeControl(`${value}`)}\n`).join("")}`;
}

const known = (value: number | undefined, render: (value: number) => string = String) => (value === undefined ? undefined : render(value));

/** One group for people. */
function renderGroup(view: GroupView, limits: readonly LimitView[]): string {
  const { usage, events } = view;
  const head = [
    `Cgroup: ${escapeControl(view.path)}`,
    ...(view.owner ? [`Owner: ${escapeControl(renderOwner(view.owner))}`] : []),
    `State: ${view.frozen ? "frozen" : view.processes.length > 0 ? "running" : "empty"}`,
    `Controllers: ${view.controllers.join(" ")}`,
  ];
  const use = section("Use", [
    ["memory", known(usage.memoryBytes, formatBytes)],
    ["memory peak", known(usage.memoryPeakBytes, formatBytes)],
    ["swap", known(usage.swapBytes, formatBytes)],
    ["cpu time", known(usage.cpuNanos, (nanos) => `${(nanos / 1e9).toFixed(2)} s`)],
    ["tasks", usage.tasks],
    ["block read", known(usage.readBytes, formatSize)],
    ["block written", known(usage.writeBytes, formatSize)],
  ]);
  const happened = section("Events", [
    ["memory limit met", events.memoryLimitHits],
    ["oom kills", events.oomKills],
    ["cpu throttled", known(events.throttledPeriods, (count) => `${count} periods, ${((events.throttledNanos ?? 0) / 1e9).toFixed(2)} s`)],
    ["forks refused", events.forksRefused],
  ]);
  const directories = section("Directories", Object.entries(view.directories));
  const below = view.children.length === 0 ? "" : `\nBelow:\n${view.children.map((path) => `  ${escapeControl(path)}\n`).join("")}`;
  const rows = view.processes.map(({ pid, user, group, owner, command }) => [
    `${pid}`,
    user,
    group === view.path ? "." : group,
    owner && owner.engine !== "other" ? renderOwner(owner) : none,
    command,
  ]);
  const processes = rows.length === 0 ? "" : `\n${renderTable(["pid", "user", "cgroup", "owner", "command"], rows)}`;
  const set = section(
    "Limits",
    limits.map(({ word, value }) => [word, value] as const),
  );
  return `${head.join("\n")}\n${set}${use}${happened}${directories}${below}${processes}`;
}

export const show = defineCommand({
  path: "cgroup show",
  usage: "[OPTIONS] CGROUP|CONTAINER",
  summary: "Show one group: limits, use, events and processes",
  options: {
    format: { ...listingOptions.format, describe: "Print with a Go template, or `json`" },
    json: { type: "boolean", describe: "Print one JSON object" },
  },
  arity: [1, 1],
  completes: "running",
  async run(context, { options, args }) {
    const view = showGroup(context.engine(), args[0] ?? "");
    if (options.json) context.stdout.write(`${renderJson(view, 2)}\n`);
    else if (options.format === "json") context.stdout.write(`${renderJson(view)}\n`);
    else if (options.format) {
      const { renderTemplate } = await import("../../src/base/template/template.ts");
      context.stdout.write(`${renderTemplate(options.format, view)}\n`);
    } else context.stdout.write(renderGroup(view, readLimitViews(context.engine(), view.path).limits));
    return 0;
  },
});

export const get = defineCommand({
  path: "cgroup get",
  usage: "[OPTIONS] CGROUP|CONTAINER [KEY]",
  summary: "Print the limits of a group, one of them, or one of the kernel's own files",
  options: { format: listingOptions.format, json: listingOptions.json },
  arity: [1, 2],
  completes: "running",
  async run(context, { options, args }) {
    const [reference = "", key] = args;
    const wanted = key === undefined ? undefined : findLimitWord(key);
    if (key !== undefined && wanted === undefined) {
      const text = readGroupFile(context.engine(), reference, key);
      context.stdout.write(options.json ? `${renderJson({ [key]: text }, 2)}\n` : `${text}\n`);
      return 0;
    }
    const { limits } = readLimitViews(context.engine(), reference);
    const chosen = key === undefined ? limits : limits.filter(({ word }) => word === wanted);
    if (key !== undefined && !options.json && options.format === undefined) {
      // Throws not-found with the reason when the group has no such value.
      const text = chosen[0]?.exact ?? readGroupFile(context.engine(), reference, key);
      context.stdout.write(`${text}\n`);
      return 0;
    }
    const listing: Listing<LimitView> = {
      fields: [
        { name: "Key", header: "KEY", value: ({ word }) => word },
        { name: "Value", header: "VALUE", value: ({ value }) => value },
        { name: "Exact", header: "EXACT", value: ({ exact }) => exact, inTable: false },
        { name: "Controller", header: "CONTROLLER", value: ({ controller }) => controller },
        { name: "Version", header: "VERSION", value: ({ version }) => version },
      ],
      key: ({ word }) => word,
      record: ({ word, exact, controller, version }) => ({ key: word, value: exact, controller, version }),
    };
    context.stdout.write(await renderListing(listing, chosen, options));
    return 0;
  },
});
