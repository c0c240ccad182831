// `tsns check`: what this kernel and host can do, found out by doing it.
import { type Listing, renderListing } from "../src/base/listing.ts";
import { escapeControl } from "../src/base/text.ts";
import { checkFeatures } from "../src/engine/check/check.ts";
import type { FeatureView } from "../src/engine/check/feature.ts";
import { defineCommand } from "./command.ts";
import { listingOptions } from "./option/listing.ts";

const listing: Listing<FeatureView> = {
  fields: [
    { name: "Feature", header: "FEATURE", value: ({ name, essential }) => (essential ? `${name} *` : name) },
    { name: "State", header: "STATE", value: ({ state }) => state },
    { name: "How", header: "FOUND OUT BY", value: ({ how }) => how },
    { name: "Name", header: "NAME", value: ({ name }) => name, inTable: false },
    { name: "Group", header: "GROUP", value: ({ group }) => group, inTable: false },
    { name: "Essential", header: "ESSENTIAL", value: ({ essential }) => `${essential}`, inTable: false },
    { name: "Without", header: "WITHOUT IT", value: ({ without }) => without, inTable: false },
    { name: "Get", header: "HOW TO GET IT", value: ({ get }) => get, inTable: false },
  ],
  key: ({ name }) => name,
  record: (view) => view,
};

/** What to know of the features that are not simply there. */
export function renderMissing(views: readonly FeatureView[]): string {
  const lines = views
    .filter(({ state }) => state === "no" || state === "limited")
    .map(({ name, state, without, get, essential }) =>
      escapeControl(`${name}: ${state === "no" ? "missing" : "limited"}${essential ? ", needed by tsns run" : ""}`).concat(
        `\n  without it: ${escapeControl(without)}\n  to get it:  ${escapeControl(get)}\n`,
      ),
    );
  const unknown = views.filter(({ state }) => state === "unknown").map(({ name }) => name);
  const need = unknown.length === 0 ? "" : `\nOnly root can find out: ${unknown.join(", ")}\n`;
  return `${lines.length === 0 ? "" : `\n${lines.join("")}`}${need}`;
}

/** 1 when a feature that was asked for, or one that `tsns run` needs, is not there. */
export function exitCodeOf(views: readonly FeatureView[], named: boolean): number {
  return views.some(({ state, essential }) => (state === "no" || state === "unknown") && (named || (essential && state === "no"))) ? 1 : 0;
}

export const command = defineCommand({
  path: "check",
  usage: "[OPTIONS] [FEATURE...]",
  summary: "Find out what this kernel and host can do, by trying it",
  options: {
    format: listingOptions.format,
    json: listingOptions.json,
    quiet: { type: "boolean", short: "q", describe: "Print only the names of what is missing" },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  async run(context, { options, args }) {
    const views = await checkFeatures(context.engine(), args);
    const shown = options.quiet ? views.filter(({ state }) => state === "no") : views;
    context.stdout.write(await renderListing(listing, shown, options));
    if (!options.json && !options.quiet && options.format === undefined) context.stdout.write(renderMissing(views));
    return exitCodeOf(views, args.length > 0);
  },
});
