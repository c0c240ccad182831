// tsns ps: containers as a list.

import { shortId } from "../../src/base/id.ts";
import type { Field, Listing } from "../../src/base/listing.ts";
import { renderListing } from "../../src/base/listing.ts";
import { ellipsis } from "../../src/base/text.ts";
import { formatAgo, formatDateTime } from "../../src/base/time.ts";
import { formatSize } from "../../src/base/unit.ts";
import { networkNames } from "../../src/container/inspect/mode.ts";
import { type ContainerRecord, type ContainerState, isLive, shownStatus } from "../../src/container/record.ts";
import { commandText, statusText } from "../../src/container/view.ts";
import { describeContainer } from "../../src/engine/container/find.ts";
import { listContainers, nameOfNetwork, platformOfContainer } from "../../src/engine/container/list.ts";
import type { ContainerSizes } from "../../src/engine/container/size.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { renderPortColumn } from "../../src/network/port-column.ts";
import { portsOf } from "../../src/network/spec.ts";
import { defineCommand } from "../command.ts";
import { type FilterWorld, filtersAll, parseFilters } from "../option/container-filter.ts";
import { requireFilters } from "../option/filter.ts";
import { listingOptions } from "../option/listing.ts";

export const command = defineCommand({
  path: "container ls",
  usage: "[OPTIONS]",
  summary: "List containers",
  options: {
    ...listingOptions,
    all: { type: "boolean", short: "a", describe: "Show all containers (default shows just running)" },
    filter: {
      type: "list",
      short: "f",
      value: "filter",
      describe: "Filter output: ancestor, before, exited, expose, health, id, label, name, network, publish, since, status, volume",
    },
    last: { type: "number", short: "n", value: "int", describe: "Show n last created containers (includes all states)", default: -1 },
    latest: { type: "boolean", short: "l", describe: "Show the latest created container (includes all states)" },
    size: { type: "boolean", short: "s", describe: "Display total file sizes" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const filters = requireFilters("ps", options.filter);
    const engine = context.engine();
    // Made first: a wrong filter is told before anything is looked at.
    const matches = parseFilters(filters, await openWorld(engine, filters));
    const last = options.latest ? 1 : (options.last ?? -1);
    const everything = options.all || last > 0 || filtersAll(filters);
    const states = (await listContainers(engine)).filter(matches).filter((state) => everything || isLive(state));
    const shown = last > 0 ? states.slice(0, last) : states;
    const isSized = options.size || /\.Size\b/.test(options.format ?? "");
    const sizeOf = isSized ? await openSizes(engine) : () => undefined;
    const documentOf = options.json ? await openDocuments() : undefined;
    const choice = { full: options["no-trunc"] ?? false, sizeOf, sizes: options.size ?? false, documentOf };
    context.stdout.write(await renderListing(listing(engine, Date.now(), choice), shown, options));
    return 0;
  },
});

/** What filters ask for. Loaded where one asks for images: a list reads none. */
async function openWorld(engine: Engine, filters: readonly string[]): Promise<FilterWorld> {
  const images = filters.some((filter) => filter.startsWith("ancestor=")) ? await import("../../src/engine/image/ancestor.ts") : undefined;
  return {
    imagesFrom: (image) => images?.descendantsOf(engine, image) ?? new Set(),
    createdMs: (container) => describeContainer(engine, container).record.createdMs,
    networkNamed: (network) => nameOfNetwork(engine, network),
  };
}

interface Choice {
  readonly full: boolean;
  /** Shows the column. */
  readonly sizes: boolean;
  /** Measured when it is shown, as it reads every file. */
  readonly sizeOf: (state: ContainerState) => ContainerSizes | undefined;
  /** For --json. */
  readonly documentOf: ((state: ContainerState) => Record<string, unknown>) | undefined;
}

async function openDocuments(): Promise<Choice["documentOf"]> {
  const { renderInspect } = await import("../../src/container/inspect.ts");
  return (state) =>
    renderInspect({ state, logPath: "", directory: "", lowerDirectories: [], upperDirectory: "", workDirectory: "", volumes: {} });
}

async function openSizes(engine: Engine): Promise<Choice["sizeOf"]> {
  const { containerSizes } = await import("../../src/engine/container/size.ts");
  return ({ record }) => containerSizes(engine, record);
}

/** docker's: what it has written, and with what its image has. */
function sizeText(sizes: ContainerSizes | undefined): string {
  return sizes ? `${formatSize(sizes.rw)} (virtual ${formatSize(sizes.rootFs)})` : "0B";
}

function mountNames({ spec }: ContainerRecord, full: boolean): string {
  const names = spec.mounts.map((mount) => (mount.type === "bind" ? mount.source : mount.type === "volume" ? mount.name : mount.target));
  return names.map((name) => (full ? name : ellipsis(name, 15))).join(",");
}

function listing(engine: Engine, now: number, { full, sizes, sizeOf, documentOf }: Choice): Listing<ContainerState> {
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
    { name: "Size", header: "SIZE", value: (state) => sizeText(sizeOf(state)), inTable: sizes },
    { name: "State", header: "STATE", value: shownStatus, inTable: false },
    {
      name: "Labels",
      header: "LABELS",
      value: (state) =>
        Object.entries(labels(state))
          .map(([key, value]) => `${key}=${value}`)
          .join(","),
      inTable: false,
    },
    { name: "Mounts", header: "MOUNTS", value: ({ record }) => mountNames(record, full), inTable: false },
    {
      name: "LocalVolumes",
      header: "LOCAL VOLUMES",
      value: ({ record }) => `${record.spec.mounts.filter((mount) => mount.type === "volume" && isLocal(mount)).length}`,
      inTable: false,
    },
    { name: "Platform", header: "PLATFORM", value: ({ record }) => platformOfContainer(engine, record), inTable: false },
    { name: "Networks", header: "NETWORKS", value: ({ record }) => networkNames(record.spec), inTable: false },
  ];
  return {
    fields,
    key: ({ record }) => (full ? record.id : shortId(record.id)),
    methods: { Label: (state, name) => labels(state)[String(name)] ?? "" },
    ...(documentOf ? { record: documentOf } : {}),
  };
}

const isLocal = ({ driver = "local" }: { readonly driver?: string }): boolean => driver === "local";

function shorten(command: string): string {
  return command.length > 22 ? `${ellipsis(command.slice(0, -1), 20)}"` : command;
}

function portText(state: ContainerState): string {
  if (state.status !== "running") return "";
  const ports = portsOf(state.record.run?.endpoints);
  const isPublished = (exposed: string) => ports.some((port) => `${port.containerPort}/${port.protocol}` === exposed);
  const unpublished = (state.record.spec.exposed ?? []).filter((exposed) => !isPublished(exposed));
  return renderPortColumn(ports, unpublished);
}
