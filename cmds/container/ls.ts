// tsns ps: containers as a list.

import { shortId } from "../../src/base/id.ts";
import type { Field, Listing } from "../../src/base/listing.ts";
import { renderListing } from "../../src/base/listing.ts";
import { ellipsis } from "../../src/base/text.ts";
import { formatAgo, formatDateTime } from "../../src/base/time.ts";
import { networkName } from "../../src/container/inspect/mode.ts";
import { renderInspect } from "../../src/container/inspect.ts";
import type { ContainerState } from "../../src/container/record.ts";
import { isLive } from "../../src/container/record.ts";
import { commandText, statusText } from "../../src/container/view.ts";
import { listContainers } from "../../src/engine/container/list.ts";
import { renderPortColumn } from "../../src/network/port.ts";
import { type Context, defineCommand } from "../command.ts";
import { type Descendants, parseFilters } from "../option/container-filter.ts";
import { listingOptions } from "../option/listing.ts";

export const command = defineCommand({
  path: "container ls",
  usage: "[OPTIONS]",
  summary: "List containers",
  options: {
    ...listingOptions,
    all: { type: "boolean", short: "a", describe: "Show all containers (default shows just running)" },
    filter: { type: "list", short: "f", value: "filter", describe: "Filter output: name, id, label, status, ancestor, exited" },
    last: { type: "number", short: "n", value: "int", describe: "Show n last created containers (includes all states)", default: -1 },
    latest: { type: "boolean", short: "l", describe: "Show the latest created container (includes all states)" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const matches = parseFilters(options.filter ?? [], await descendantsIn(context, options.filter ?? []));
    const last = options.latest ? 1 : (options.last ?? -1);
    const everything = options.all || last > 0 || (options.filter ?? []).some((filter) => filter.startsWith("status="));
    const states = (await listContainers(context.engine())).filter(matches).filter((state) => everything || isLive(state));
    const shown = last > 0 ? states.slice(0, last) : states;
    context.stdout.write(await renderListing(listing(Date.now(), options["no-trunc"] ?? false), shown, options));
    return 0;
  },
});

/** Loaded where a filter asks for it: a list reads no images. */
async function descendantsIn(context: Context, filters: readonly string[]): Promise<Descendants> {
  if (!filters.some((filter) => filter.startsWith("ancestor="))) return () => new Set();
  const { descendantsOf } = await import("../../src/engine/image/ancestor.ts");
  return (image) => descendantsOf(context.engine(), image);
}

function listing(now: number, full: boolean): Listing<ContainerState> {
  const labels = (state: ContainerState) => state.record.spec.labels;
  const fields: Field<ContainerState>[] = [
    { name: "ID", header: "CONTAINER ID", value: ({ record }) => (full ? record.id : shortId(record.id)) },
    { name: "Image", header: "IMAGE", value: ({ record }) => record.spec.imageName },
    { name: "Command", header: "COMMAND", value: (state) => (full ? commandText(state) : shorten(commandText(state))) },
    { name: "RunningFor", header: "CREATED", value: ({ record }) => formatAgo(record.createdMs, now) },
    { name: "Status", header: "STATUS", value: (state) => statusText(state, now) },
    { name: "Ports", header: "PORTS", value: portText },
    { name: "Names", header: "NAMES", value: ({ record }) => record.name },
    { name: "CreatedAt", header: "CREATED AT", value: ({ record }) => formatDateTime(record.createdMs), inTable: false },
    { name: "State", header: "STATE", value: ({ status }) => status, inTable: false },
    {
      name: "Labels",
      header: "LABELS",
      value: (state) =>
        Object.entries(labels(state))
          .map(([key, value]) => `${key}=${value}`)
          .join(","),
      inTable: false,
    },
    {
      name: "Mounts",
      header: "MOUNTS",
      value: ({ record }) =>
        record.spec.mounts
          .map((mount) => (mount.type === "bind" ? mount.source : mount.type === "volume" ? mount.name : mount.target))
          .join(","),
      inTable: false,
    },
    { name: "Networks", header: "NETWORKS", value: ({ record }) => networkName(record.spec.network), inTable: false },
  ];
  return {
    fields,
    key: ({ record }) => (full ? record.id : shortId(record.id)),
    methods: { Label: (state, name) => labels(state)[String(name)] ?? "" },
    record: (state) =>
      renderInspect({ state, logPath: "", directory: "", lowerDirectories: [], upperDirectory: "", workDirectory: "", volumes: {} }),
  };
}

function shorten(command: string): string {
  return command.length > 22 ? `${ellipsis(command.slice(0, -1), 20)}"` : command;
}

function portText(state: ContainerState): string {
  return state.status === "running" ? renderPortColumn(state.record.run?.endpoint?.ports ?? []) : "";
}
