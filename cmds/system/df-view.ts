// How `tsns system df` looks: docker's tables, and what its templates see. Prints nothing itself.

import { shortId } from "../../src/base/id.ts";
import type { Listing } from "../../src/base/listing.ts";
import { renderTable } from "../../src/base/table.ts";
import { ellipsis, renderJson } from "../../src/base/text.ts";
import { formatAgo, formatDateTime } from "../../src/base/time.ts";
import { formatSize } from "../../src/base/unit.ts";
import { networkNames } from "../../src/container/inspect/mode.ts";
import { isLive } from "../../src/container/record.ts";
import { commandText, statusText } from "../../src/container/view.ts";
import type { ContainerUsage, DiskUsage, ImageUsage, VolumeUsage } from "../../src/engine/system/disk.ts";
import { renderPortColumn } from "../../src/network/port-column.ts";
import { portsOf } from "../../src/network/spec.ts";

export interface Summary {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly sizeBytes: number;
  readonly reclaimableBytes: number;
  /** docker prints no share of nothing, and none of the build cache. */
  readonly withShare: boolean;
}

const isActive = ({ state }: ContainerUsage): boolean => isLive(state);

export function summaryOf({ images, layersBytes, containers, volumes }: DiskUsage): readonly Summary[] {
  const usedBytes = images.filter((image) => image.containers > 0).reduce((sum, image) => sum + image.sizeBytes - image.sharedBytes, 0);
  const sizeOf = (list: readonly { readonly sizeBytes: number }[]) => list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const writtenBytes = sizeOf(containers);
  // No build cache lies in a data root.
  const none = { total: 0, active: 0, sizeBytes: 0, reclaimableBytes: 0, withShare: false };
  return [
    {
      type: "Images",
      total: images.length,
      active: images.filter((image) => image.containers > 0).length,
      sizeBytes: layersBytes,
      reclaimableBytes: layersBytes - usedBytes,
      withShare: layersBytes > 0,
    },
    {
      type: "Containers",
      total: containers.length,
      active: containers.filter(isActive).length,
      sizeBytes: writtenBytes,
      reclaimableBytes: sizeOf(containers.filter((container) => !isActive(container))),
      withShare: writtenBytes > 0,
    },
    {
      type: "Local Volumes",
      total: volumes.length,
      active: volumes.filter(({ links }) => links > 0).length,
      sizeBytes: sizeOf(volumes),
      reclaimableBytes: sizeOf(volumes.filter(({ links }) => links === 0)),
      withShare: sizeOf(volumes) > 0,
    },
    { type: "Build Cache", ...none },
  ];
}

export const summaryListing: Listing<Summary> = {
  fields: [
    { name: "Type", header: "Type", value: ({ type }) => type },
    { name: "TotalCount", header: "Total", value: ({ total }) => `${total}` },
    { name: "Active", header: "Active", value: ({ active }) => `${active}` },
    { name: "Size", header: "Size", value: ({ sizeBytes }) => formatSize(sizeBytes, 4) },
    {
      name: "Reclaimable",
      header: "Reclaimable",
      value: ({ sizeBytes, reclaimableBytes, withShare }) =>
        `${formatSize(reclaimableBytes, 4)}${withShare ? ` (${Math.trunc((reclaimableBytes * 100) / sizeBytes)}%)` : ""}`,
    },
  ],
  key: ({ type }) => type,
};

/** docker's fields of an image and of a container, in its order; not all of them have a column. */
function viewOfImage(image: ImageUsage, nowMs: number): Record<string, string> {
  return {
    Containers: `${image.containers}`,
    CreatedAt: formatDateTime(image.createdMs),
    CreatedSince: formatAgo(image.createdMs, nowMs),
    Digest: image.digest,
    ID: image.id,
    Repository: image.repository,
    SharedSize: formatSize(image.sharedBytes, 4),
    Size: formatSize(image.sizeBytes, 4),
    Tag: image.tag,
    UniqueSize: formatSize(image.sizeBytes - image.sharedBytes, 4),
    VirtualSize: formatSize(image.sizeBytes, 4),
  };
}

function viewOfContainer({ state, sizeBytes }: ContainerUsage, nowMs: number): Record<string, string> {
  const { record, status } = state;
  return {
    Command: commandText(state),
    CreatedAt: formatDateTime(record.createdMs),
    ID: record.id,
    Image: record.spec.imageName,
    Labels: Object.entries(record.spec.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    LocalVolumes: `${new Set(record.spec.mounts.flatMap((mount) => (mount.type === "volume" ? [mount.name] : []))).size}`,
    Mounts: record.spec.mounts
      .map((mount) => (mount.type === "bind" ? mount.source : mount.type === "volume" ? mount.name : mount.target))
      .join(","),
    Names: record.name,
    Networks: networkNames(record.spec),
    Ports: status === "running" ? renderPortColumn(portsOf(record.run?.endpoints)) : "",
    RunningFor: formatAgo(record.createdMs, nowMs),
    Size: formatSize(sizeBytes),
    State: status,
    Status: statusText(state, nowMs),
  };
}

/** docker's fields of a volume, as `volume ls` has them. */
function viewOfVolume({ record, mountpoint, links, sizeBytes }: VolumeUsage): Record<string, string> {
  return {
    Availability: "N/A",
    Driver: record.driver,
    Group: "N/A",
    Labels: Object.entries(record.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    Links: `${links}`,
    Mountpoint: mountpoint,
    Name: record.name,
    Scope: "local",
    Size: formatSize(sizeBytes, 4),
    Status: "N/A",
  };
}

/** docker system df -v. */
export function renderDetails({ images, containers, volumes }: DiskUsage, nowMs: number): string {
  const table = (header: string, names: readonly string[], rows: readonly Record<string, string>[]) =>
    renderTable(
      header.split("|"),
      rows.map((row) => names.map((name) => row[name] ?? "")),
    );
  const imageRows = images.map((image): Record<string, string> => ({ ...viewOfImage(image, nowMs), ID: shortId(image.id) }));
  const containerRows = containers.map((container): Record<string, string> => {
    const view = viewOfContainer(container, nowMs);
    return { ...view, ID: shortId(container.state.record.id), Command: shorten(view.Command ?? "") };
  });
  return [
    "Images space usage:\n\n",
    table(
      "REPOSITORY|TAG|IMAGE ID|CREATED|SIZE|SHARED SIZE|UNIQUE SIZE|CONTAINERS",
      ["Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers"],
      imageRows,
    ),
    "\nContainers space usage:\n\n",
    table(
      "CONTAINER ID|IMAGE|COMMAND|LOCAL VOLUMES|SIZE|CREATED|STATUS|NAMES",
      ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"],
      containerRows,
    ),
    "\nLocal Volumes space usage:\n\n",
    table("VOLUME NAME|LINKS|SIZE", ["Name", "Links", "Size"], volumes.map(viewOfVolume)),
    "\nBuild cache usage: 0B\n\n",
    table("CACHE ID|CACHE TYPE|SIZE|CREATED|LAST USED|USAGE|SHARED", [], []),
  ].join("");
}

function shorten(command: string): string {
  return command.length > 22 ? `${ellipsis(command.slice(0, -1), 20)}"` : command;
}

/** docker system df -v --format: one value with a list for each kind. */
export async function renderDetailsWith({ images, containers, volumes }: DiskUsage, nowMs: number, format: string): Promise<string> {
  const view = {
    Images: images.map((image) => viewOfImage(image, nowMs)),
    Containers: containers.map((container) => viewOfContainer(container, nowMs)),
    Volumes: volumes.map(viewOfVolume),
    BuildCache: [],
  };
  if (format === "json") return `${renderJson(view)}\n`;
  const { parseTemplate } = await import("../../src/base/template/template.ts");
  return `${parseTemplate(format.replaceAll("\\t", "\t").replaceAll("\\n", "\n")).render(view)}\n`;
}
