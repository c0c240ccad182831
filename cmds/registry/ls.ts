// `tsns registry ls`: what was pushed to the registry of this data root.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatAgo, formatDateTime } from "../../src/base/time.ts";
import { formatSize } from "../../src/base/unit.ts";
import { listRegistryRows, type RegistryRow } from "../../src/engine/registry-serve/list.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

export const command = defineCommand({
  path: "registry ls",
  usage: "[OPTIONS] [REPOSITORY]",
  summary: "List what was pushed to the registry",
  options: listingOptions,
  arity: [0, 1],
  async run(context, { options, args }) {
    const rows = listRegistryRows(context.engine(), args[0]);
    context.stdout.write(await renderListing(listingOf(Date.now(), options["no-trunc"] ?? false), rows, options));
    return 0;
  },
});

function listingOf(nowMs: number, isFull: boolean): Listing<RegistryRow> {
  return {
    fields: [
      { name: "Repository", header: "Repository", value: (row) => row.repository },
      { name: "Tag", header: "Tag", value: (row) => row.tag },
      { name: "Digest", header: "Digest", value: ({ digest }) => (isFull ? digest : shortId(digest)) },
      { name: "PushedSince", header: "Pushed", value: ({ pushedMs }) => formatAgo(pushedMs, nowMs) },
      { name: "PushedAt", header: "Pushed at", value: ({ pushedMs }) => formatDateTime(pushedMs), inTable: false },
      { name: "Size", header: "Size", value: ({ sizeBytes }) => formatSize(sizeBytes) },
      { name: "MediaType", header: "Media type", value: (row) => row.mediaType, inTable: false },
      { name: "ArtifactType", header: "Artifact type", value: (row) => row.artifactType, inTable: false },
    ],
    key: ({ repository, tag, digest }) => (tag === "<none>" ? `${repository}@${digest}` : `${repository}:${tag}`),
    record: (row) => row,
  };
}
