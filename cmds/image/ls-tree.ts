// `tsns images --tree`: what each image takes, its platform below it, in the columns of docker's.
import { shortId } from "../../src/base/id.ts";
import { renderTable } from "../../src/base/table.ts";
import { formatSize } from "../../src/base/unit.ts";
import type { ImageInTree } from "../../src/engine/image/list-tree.ts";

const header = ["Image", "ID", "Disk usage", "Content size", "Extra"];

/** Ends with a newline. "U" in the last column: a container is made of it. */
export function renderImageTree(images: readonly ImageInTree[]): string {
  const rows = images.flatMap(({ id, names, platform, manifest, diskBytes, contentBytes, isUsed }) => {
    const [first = "<untagged>", ...others] = names;
    const sizes = [formatSize(diskBytes), formatSize(contentBytes)];
    const extra = isUsed ? "U" : "";
    return [
      [first, shortId(id), ...sizes, extra],
      ...others.map((name) => [name, "", "", "", ""]),
      [`└─ ${platform}`, shortId(manifest), ...sizes, extra],
    ];
  });
  const widths = [2, 3].map((at) => Math.max(...[header, ...rows].map((row) => row[at]?.length ?? 0)));
  const aligned = [header, ...rows].map((row) => row.map((cell, at) => (at === 2 || at === 3 ? cell.padStart(widths[at - 2] ?? 0) : cell)));
  const [titles = [], ...lines] = aligned;
  return renderTable(titles, lines);
}
