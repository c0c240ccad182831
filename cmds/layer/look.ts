// `tsns layer diff`, `tsns layer du` and `tsns layer which`: what an upper directory changes, what it costs, where a file comes from.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { renderJson } from "../../src/base/text.ts";
import { formatSize, parseInteger } from "../../src/base/unit.ts";
import { findOverlayOf } from "../../src/engine/layer/locate-mount.ts";
import { diffLayer, findOrigin, type LookRequest, measure, type WhichRow } from "../../src/engine/layer/look.ts";
import type { CopyUp, LayerChange } from "../../src/layer/change.ts";
import { type Context, defineCommand } from "../command.ts";
import { lowerOption, lowerPaths } from "../option/layer.ts";
import { listingOptions } from "../option/listing.ts";
import { placedPath } from "../option/mount-place.ts";
import { pathChangeFields } from "../option/path-change.ts";

type ListingValues = { readonly format?: string | undefined; readonly json?: boolean | undefined; readonly quiet?: boolean | undefined };

/** The listing's options once more, for a command that is repeated where a container's layer is mounted. */
const repeat = ({ format, json, quiet }: ListingValues): string[] => [
  ...(format === undefined ? [] : ["--format", format]),
  ...(json ? ["--json"] : []),
  ...(quiet ? ["--quiet"] : []),
];

function requestOf(context: Context, reference: string, lower: readonly string[] | undefined, again: LookRequest["again"]): LookRequest {
  return { reference, cwd: context.cwd, lower: lowerPaths(context, lower), again };
}

const sizeText = (bytes: number): string => formatSize(bytes);

const changeListing: Listing<LayerChange> = {
  key: ({ path }) => path,
  record: (change) => change,
  fields: [
    ...pathChangeFields,
    { name: "Size", header: "Size", value: ({ sizeBytes }) => sizeText(sizeBytes) },
    { name: "LowerSize", header: "Below", value: ({ kind, lowerSizeBytes }) => (kind === "added" ? "-" : sizeText(lowerSizeBytes)) },
    { name: "Notes", header: "Notes", value: ({ notes }) => notes.join(", ") || "-" },
  ],
};

export const diff = defineCommand({
  path: "layer diff",
  usage: "[OPTIONS] UPPER|TARGET|CONTAINER",
  summary: "Show what an overlay or container adds, changes and deletes, with sizes",
  options: { ...listingOptions, lower: lowerOption },
  arity: [1, 1],
  completes: "container",
  async run(context, { options, args: [reference = ""] }) {
    const changes = diffLayer(
      context.engine(),
      requestOf(context, reference, options.lower, (id) => ["layer", "diff", ...repeat(options), id]),
    );
    context.stdout.write(await renderListing(changeListing, changes, options));
    return 0;
  },
});

const copyListing: Listing<CopyUp> = {
  key: ({ path }) => path,
  record: (copy) => copy,
  fields: [
    { name: "Path", header: "Copied up", value: ({ path }) => path },
    { name: "Allocated", header: "On disk", value: ({ allocatedBytes }) => sizeText(allocatedBytes) },
    { name: "Size", header: "Size", value: ({ sizeBytes }) => sizeText(sizeBytes) },
    { name: "Reason", header: "For", value: ({ reason }) => (reason === "metadata" ? "metadata only" : "data") },
    { name: "Differs", header: "Differs in", value: ({ differs }) => differs.join(", ") || "-" },
  ],
};

export const du = defineCommand({
  path: "layer du",
  usage: "[OPTIONS] UPPER|TARGET|CONTAINER",
  summary: "Show the largest copies an overlay or container made of files below, and those made only for metadata",
  options: {
    ...listingOptions,
    limit: { type: "string", short: "n", value: "int", describe: "Show at most this many (default 20; 0: all)" },
    lower: lowerOption,
  },
  arity: [1, 1],
  completes: "container",
  async run(context, { options, args: [reference = ""] }) {
    const limit = parseInteger(options.limit ?? "20", "--limit", 0);
    const again = (id: string) => ["layer", "du", ...repeat(options), "--limit", String(limit), id];
    const usage = measure(context.engine(), requestOf(context, reference, options.lower, again));
    const copies = limit === 0 ? usage.copies : usage.copies.slice(0, limit);
    if (options.json) {
      context.stdout.write(`${renderJson({ ...usage, copies }, 2)}\n`);
      return 0;
    }
    context.stdout.write(await renderListing(copyListing, copies, options));
    if (options.format === undefined && !options.quiet) {
      const { files, allocatedBytes, copiedBytes, wastedBytes } = usage;
      const counted = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;
      const inCopies = `${sizeText(copiedBytes)} in ${counted(usage.copies.length, "copy", "copies")}`;
      const sum = `${counted(files, "file", "files")}, ${sizeText(allocatedBytes)} on disk; ${inCopies}`;
      context.stdout.write(`${sum}, ${sizeText(wastedBytes)} of it only for metadata\n`);
    }
    return 0;
  },
});

function describeRole({ role, hiddenBy }: WhichRow): string {
  if (!hiddenBy) return role;
  const how = { deleted: "deleted", opaque: "hidden by an opaque directory", replaced: "replaced" }[hiddenBy.how];
  return `${how} in layer ${hiddenBy.layer}`;
}

/** A digest as docker shortens it. */
const shortName = (name: string): string => (/^sha256:[0-9a-f]{64}$/.test(name) ? name.slice(0, "sha256:".length + 12) : name);

const whichListing = (isFull: boolean): Listing<WhichRow> => ({
  key: ({ name }) => name,
  record: (row) => row,
  fields: [
    { name: "Layer", header: "Layer", value: ({ layer, layers }) => `${layer}/${layers}` },
    { name: "Role", header: "Role", value: describeRole },
    { name: "Type", header: "Type", value: ({ type }) => type },
    { name: "Size", header: "Size", value: ({ sizeBytes, type }) => (type === "file" ? sizeText(sizeBytes) : "-") },
    { name: "Name", header: "Name", value: ({ name }) => (isFull ? name : shortName(name)) },
    { name: "Path", header: "Path", value: ({ path }) => path, inTable: false },
    { name: "Directory", header: "Directory", value: ({ directory }) => directory, inTable: false },
    { name: "Notes", header: "Notes", value: ({ notes }) => notes.join(", ") || "-" },
  ],
});

export const which = defineCommand({
  path: "layer which",
  usage: "[OPTIONS] PATH",
  summary: "Show the layer a file comes from, and every layer that replaced or deleted it",
  options: {
    ...listingOptions,
    in: {
      type: "string",
      value: "reference",
      describe: "Container or mounted overlay the path is in (default: the overlay it lies on)",
      completes: "container",
    },
    lower: lowerOption,
  },
  arity: [1, 1],
  async run(context, { options, args: [path = ""] }) {
    const engine = context.engine();
    const place = options.in === undefined ? findOverlayOf(placedPath(context.cwd, path, undefined)) : undefined;
    const again = (id: string) => ["layer", "which", ...repeat(options), "--in", id, path];
    const request = requestOf(context, options.in ?? place?.target ?? "", options.lower, again);
    context.stdout.write(
      await renderListing(whichListing(options["no-trunc"] ?? false), findOrigin(engine, place?.inside ?? path, request), options),
    );
    return 0;
  },
});
