// `tsns layer ls`: mounted overlays of every engine, and the layers of our store.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatSize } from "../../src/base/unit.ts";
import { listLayers } from "../../src/engine/layer/list.ts";
import type { LayerView } from "../../src/layer/view.ts";
import { renderOwners } from "../../src/mount/view.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

function listingOf(full: boolean): Listing<LayerView> {
  const usedBy = ({ owners, images }: LayerView) => [...(owners.length > 0 ? [renderOwners(owners)] : []), ...images].join(",");
  return {
    key: ({ name }) => name,
    record: (view) => view,
    fields: [
      { name: "Kind", header: "Kind", value: ({ kind }) => kind },
      { name: "Name", header: "Name", value: ({ kind, name }) => (kind === "stored" && !full ? shortId(name) : name) },
      { name: "UsedBy", header: "Used by", value: (view) => usedBy(view) || "-" },
      { name: "Size", header: "Size", value: ({ kind, sizeBytes }) => (kind === "stored" ? formatSize(sizeBytes) : "-") },
      { name: "Layers", header: "Lower", value: ({ kind, lower }) => (kind === "overlay" ? String(lower.length) : "-") },
      { name: "Upper", header: "Upper", value: ({ kind, upper, directory }) => (kind === "stored" ? directory : upper || "(read-only)") },
      { name: "Work", header: "Work", value: ({ work }) => work || "-", inTable: full },
      { name: "Lower", header: "Lower directories", value: ({ lower }) => lower.join(",") || "-", inTable: full },
      { name: "Namespaces", header: "Namespaces", value: ({ namespaces }) => namespaces.join(",") || "-", inTable: false },
    ],
  };
}

export const command = defineCommand({
  path: "layer ls",
  usage: "[OPTIONS]",
  summary: "List mounted overlays of every engine and the layers of this data root",
  options: {
    ...listingOptions,
    mounted: { type: "boolean", describe: "Only mounted overlays" },
    stored: { type: "boolean", describe: "Only layers of this data root" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const which = options.mounted === options.stored ? "all" : options.mounted ? "mounted" : "stored";
    context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), listLayers(context.engine(), which), options));
    return 0;
  },
});
