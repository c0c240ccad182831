// `tsns system df`: what images and containers take on disk; with --reconcile every byte under the data root.
import { renderListing } from "../../src/base/listing.ts";
import { renderTable } from "../../src/base/table.ts";
import { escapeControl, renderJson } from "../../src/base/text.ts";
import { formatSize } from "../../src/base/unit.ts";
import { readDiskUsage } from "../../src/engine/system/disk.ts";
import { type Reconciliation, reconcile } from "../../src/engine/system/reconcile.ts";
import { defineCommand } from "../command.ts";
import { formatOption, listingOptions } from "../option/listing.ts";
import { usageError } from "../usage-error.ts";
import { renderDetails, renderDetailsWith, summaryListing, summaryOf } from "./df-view.ts";

export const command = defineCommand({
  path: "system df",
  usage: "[OPTIONS]",
  summary: "Show disk usage",
  options: {
    verbose: { type: "boolean", short: "v", describe: "Show each image, container and volume" },
    format: formatOption,
    json: listingOptions.json,
    reconcile: { type: "boolean", describe: "Account for every byte under the data root, by kind; name what is nobody's" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const problems = options.reconcile && (options.verbose || options.format !== undefined) ? ["--reconcile goes with --json alone"] : [];
    if (problems.length > 0) throw usageError("system df", problems);
    const engine = context.engine();
    if (options.reconcile) {
      const found = reconcile(engine);
      context.stdout.write(options.json ? `${renderJson(found, 2)}\n` : renderReconciliation(found));
      return found.unattributedBytes === 0 && found.unattributed.length === 0 ? 0 : 1;
    }
    const usage = readDiskUsage(engine);
    const nowMs = Date.now();
    if (!options.verbose) context.stdout.write(await renderListing(summaryListing, summaryOf(usage), options));
    else if (options.json) context.stdout.write(await renderDetailsWith(usage, nowMs, "json"));
    else if (options.format) context.stdout.write(await renderDetailsWith(usage, nowMs, options.format));
    else context.stdout.write(renderDetails(usage, nowMs));
    return 0;
  },
});

function renderReconciliation({ accounts, totalBytes, unattributedBytes, unattributed }: Reconciliation): string {
  const rows = accounts.map(({ kind, entries, bytes, isReclaimable }) => [
    kind,
    `${entries}`,
    `${bytes}`,
    formatSize(bytes, 4),
    isReclaimable ? "yes" : "",
  ]);
  const table = renderTable(["kind", "entries", "bytes", "size", "reclaimable"], rows);
  const nobodys = unattributed.map((path) => `  ${escapeControl(path)}\n`).join("");
  return `${table}\ntotal: ${totalBytes}\nunattributed: ${unattributedBytes}\n${nobodys}`;
}
