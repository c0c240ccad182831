// `tsns search`: repositories of a registry by words.
import { type Field, type Listing, renderListing } from "../src/base/listing.ts";
import { type SearchResult, searchRegistry } from "../src/engine/registry/search.ts";
import { defineCommand } from "./command.ts";
import { requireFilters } from "./option/filter.ts";
import { listingOptions } from "./option/listing.ts";
import { usageError } from "./usage-error.ts";

/** docker's default and most. */
const limitDefault = 25;
const limitMax = 100;
const descriptionWidth = 45;

export const command = defineCommand({
  path: "search",
  usage: "[OPTIONS] TERM",
  summary: "Search a registry for images",
  options: {
    filter: { type: "list", short: "f", value: "filter", describe: "Show only what fits: is-official, is-automated, stars" },
    format: listingOptions.format,
    json: listingOptions.json,
    limit: { type: "number", value: "int", describe: `Print at most so many results, to ${limitMax} (default ${limitDefault})` },
    "no-trunc": listingOptions["no-trunc"],
  },
  arity: [1, 1],
  async run(context, { options, args }) {
    const limit = options.limit || limitDefault;
    if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
      throw usageError("search", [`invalid limit ${limit}: from 1 to ${limitMax}`], 1);
    const results = await searchRegistry({
      term: args[0] ?? "",
      limit,
      filters: requireFilters("search", options.filter),
      env: context.env,
      signal: context.signal,
    });
    context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), results, options));
    return 0;
  },
});

function listingOf(isFull: boolean): Listing<SearchResult> {
  const shorten = (text: string) => (isFull || text.length <= descriptionWidth ? text : `${text.slice(0, descriptionWidth - 1)}…`);
  const fields: readonly Field<SearchResult>[] = [
    { name: "Name", header: "Name", value: ({ name }) => name },
    { name: "Description", header: "Description", value: ({ description }) => shorten(description) },
    { name: "StarCount", header: "Stars", value: ({ starCount }) => String(starCount) },
    { name: "IsOfficial", header: "Official", value: ({ isOfficial }) => (isOfficial ? "[OK]" : "") },
    { name: "IsAutomated", header: "Automated", value: ({ isAutomated }) => (isAutomated ? "[OK]" : ""), inTable: false },
  ];
  return { fields, key: ({ name }) => name };
}
