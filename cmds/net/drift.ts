// `tsns net drift`: what tsns made and the kernel no longer has; `--repair` puts it back, `--watch` waits for the next change.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { checkInterval, type Drift, findDrift, repairDrift, watchDrift } from "../../src/engine/network/drift.ts";
import { type Context, defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";

const listing: Listing<Drift> = {
  fields: [
    { name: "Object", header: "object", value: ({ object }) => object },
    { name: "Kind", header: "kind", value: ({ kind }) => kind },
    { name: "What", header: "what", value: ({ what, hint }) => (hint === "" ? what : `${what} (${hint})`) },
  ],
  key: ({ what }) => what,
  record: (drift) => drift,
};

interface Choice {
  readonly format?: string | undefined;
  readonly json?: boolean | undefined;
}

/** An empty table says nothing; the other forms stay what they are. */
async function print(context: Context, drifts: readonly Drift[], choice: Choice): Promise<void> {
  if (drifts.length === 0 && choice.format === undefined && !choice.json) return;
  context.stdout.write(await renderListing(listing, drifts, choice));
}

async function repairOnce(context: Context, choice: Choice): Promise<number> {
  const { found, left } = await repairDrift(context.engine());
  if (context.mode.dryRun) return found.length > 0 ? 1 : 0;
  await print(context, found, choice);
  if (left.length < found.length) context.stderr.write(`put back: ${found.length - left.length} of ${found.length}\n`);
  return left.length > 0 ? 1 : 0;
}

/** Prints what has drifted whenever that changes. Ends with the signal, which the caller's process turns into its exit code. */
async function watch(context: Context, choice: Choice, intervalSeconds: number, repair: boolean): Promise<number> {
  let shown = "";
  let left = 0;
  for await (const _ of watchDrift(context.signal, intervalSeconds)) {
    const drifts = findDrift(context.engine());
    const text = JSON.stringify(drifts);
    left = drifts.length;
    if (text === shown || (shown === "" && drifts.length === 0)) continue;
    shown = text;
    if (drifts.length === 0) context.stderr.write("everything is as tsns made it\n");
    await print(context, drifts, choice);
    if (!repair || drifts.length === 0) continue;
    const report = await repairDrift(context.engine());
    left = report.left.length;
    shown = JSON.stringify(report.left);
    context.stderr.write(`put back: ${report.found.length - left} of ${report.found.length}\n`);
  }
  return left > 0 ? 1 : 0;
}

export const command = defineCommand({
  path: "net drift",
  usage: "[OPTIONS]",
  summary: "Show what tsns made and the kernel no longer has; exits 1 if there is any",
  options: {
    watch: { type: "boolean", describe: "Go on, and show it whenever that changes" },
    repair: { type: "boolean", describe: "Put it back" },
    interval: {
      type: "string",
      value: "seconds",
      describe: "With --watch: how often to look at what the kernel does not announce (default 5): settings, legacy rules",
    },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [0, 0],
  changes: true,
  async run(context, { options }) {
    const interval = checkInterval(options.interval);
    if (options.watch) return watch(context, options, interval, options.repair ?? false);
    if (options.repair) return repairOnce(context, options);
    const drifts = findDrift(context.engine());
    await print(context, drifts, options);
    return drifts.length > 0 ? 1 : 0;
  },
});
