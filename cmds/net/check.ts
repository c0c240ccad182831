// tsns net check: what containers need of this host's networking, each with its proof and its repair.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { escapeControl } from "../../src/base/text.ts";
import { checkHostNetworking } from "../../src/engine/network/check.ts";
import { type CheckResult, worstOf } from "../../src/network/check.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";

const listing: Listing<CheckResult> = {
  fields: [
    { name: "Status", header: "status", value: ({ status }) => status },
    { name: "Check", header: "check", value: ({ name }) => name },
    { name: "Found", header: "found", value: ({ found }) => found },
    { name: "Why", header: "why", value: ({ why }) => why, inTable: false },
    { name: "Fix", header: "fix", value: ({ fix }) => fix || "-" },
  ],
  key: ({ name }) => name,
  record: (row) => row,
};

/** A line for each check; reason and repair below those that are not well. */
export function renderChecks(results: readonly CheckResult[]): string {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ status, name, found, why, fix }) => {
    const first = `${status.padEnd(5)} ${name.padEnd(width)}  ${found}`;
    const indent = " ".repeat(width + 8);
    if (status === "ok") return [first];
    return [first, `${indent}why: ${why}`, ...(fix === "" ? [] : [`${indent}fix: ${fix}`])];
  });
  return lines.map((line) => `${escapeControl(line)}\n`).join("");
}

export const command = defineCommand({
  path: "net check",
  usage: "[OPTIONS]",
  summary: "Check what containers need of this host's networking, with proof and repair",
  options: {
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
    quiet: { type: "boolean", short: "q", describe: "Print only what is not well" },
    "fail-on": { type: "string", choices: ["warn", "fail"], default: "fail", describe: "Exit with 1 when a check is at least this bad" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const results = await checkHostNetworking(context.engine());
    const shown = options.quiet ? results.filter(({ status }) => status !== "ok") : results;
    const { format, json } = options;
    context.stdout.write(json || format !== undefined ? await renderListing(listing, shown, { format, json }) : renderChecks(shown));
    const worst = worstOf(results);
    return worst === "fail" || (worst === "warn" && options["fail-on"] === "warn") ? 1 : 0;
  },
});
