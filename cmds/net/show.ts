// `tsns net show`: the bridges of the host, whoever made them, and what is plugged into them.
import { TsnsError } from "../../src/base/error.ts";
import { renderListing } from "../../src/base/listing.ts";
import { renderJson } from "../../src/base/text.ts";
import { parseDuration } from "../../src/base/time.ts";
import { type CounterSample, showBridges } from "../../src/engine/network/show.ts";
import type { BridgeView } from "../../src/network/view.ts";
import { type Context, defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { bridgeListing, renderBrctl, rowsOf } from "./bridge-table.ts";

interface Choice {
  readonly json?: boolean | undefined;
  readonly format?: string | undefined;
  readonly quiet?: boolean | undefined;
  readonly rates: boolean;
  /** One line per refresh. */
  readonly stream: boolean;
}

async function renderBridges(bridges: readonly BridgeView[], choice: Choice): Promise<string> {
  // A bridge with its ports is one value: more than the lines of the table can say.
  if (choice.json) return `${renderJson(bridges, choice.stream ? undefined : 2)}\n`;
  if (choice.quiet && choice.format === undefined) return bridges.map(({ name }) => `${name}\n`).join("");
  const { format } = choice;
  const listing = bridgeListing({ rates: choice.rates, repeat: format !== undefined && format !== "table" });
  return await renderListing(listing, rowsOf(bridges), { format });
}

export const command = defineCommand({
  path: "net show",
  usage: "[OPTIONS] [BRIDGE]",
  summary: "Show the bridges of this host, their ports and the containers behind them",
  options: {
    format: listingOptions.format,
    json: listingOptions.json,
    quiet: { type: "boolean", short: "q", describe: "Print only the names of the bridges" },
    brctl: { type: "boolean", describe: "Print the columns of brctl show" },
    rates: { type: "string", value: "duration", bare: "1s", describe: "Measure bytes and packets per second over this time" },
    watch: { type: "boolean", short: "w", describe: "Print again whenever the kernel announces a change" },
  },
  arity: [0, 1],
  completes: "bridge",
  async run(context, { options, args }) {
    if (options.brctl && (options.rates !== undefined || options.watch || options.json || options.format !== undefined)) {
      throw usageProblem("--brctl prints brctl's columns: leave out --rates, --watch, --json and --format");
    }
    if (options.brctl) {
      const { listBridges } = await import("../../src/engine/network/bridge.ts");
      context.stdout.write(renderBrctl(listBridges(context.engine(), args)));
      return 0;
    }
    const ratesMs = options.rates === undefined ? undefined : parseRates(options.rates);
    const choice: Choice = { ...options, rates: ratesMs !== undefined, stream: options.watch ?? false };
    if (options.watch) await watch(context, args[0], choice, ratesMs);
    else context.stdout.write(await renderBridges(await look(context, args[0], ratesMs), choice));
    return 0;
  },
});

/** Milliseconds. */
function parseRates(text: string): number {
  let ratesMs = Number.NaN;
  try {
    ratesMs = parseDuration(text, "--rates");
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
  }
  if (ratesMs >= 10 && ratesMs <= 3_600_000) return ratesMs;
  throw usageProblem(`--rates ${JSON.stringify(text)}: not a time from 10ms to 1h`);
}

function usageProblem(message: string): TsnsError {
  return new TsnsError("invalid", "usage", message, { hint: "see 'tsns net show --help'", exitCode: 2 });
}

async function look(context: Context, name: string | undefined, ratesMs: number | undefined): Promise<readonly BridgeView[]> {
  if (ratesMs === undefined) return (await showBridges(context.engine(), name)).bridges;
  const { sampleCounters } = await import("../../src/engine/network/show-live.ts");
  const since = await sampleCounters(ratesMs, context.signal);
  return (await showBridges(context.engine(), name, since)).bridges;
}

/** Prints at every change that can be seen; with rates at least once per interval. */
async function watch(context: Context, name: string | undefined, choice: Choice, ratesMs: number | undefined): Promise<void> {
  const { watchBridges } = await import("../../src/engine/network/show-live.ts");
  const clear = context.stdout.isTTY && !choice.json ? "\x1b[2J\x1b[H" : "";
  let base: CounterSample | undefined;
  let previous: string | undefined;
  for await (const _ of watchBridges(context.signal, ratesMs)) {
    const { bridges, sample } = await showBridges(context.engine(), name, base);
    // Rates over less than the interval would only be noise: several changes share one beginning.
    if (ratesMs !== undefined && (!base || sample.atMs - base.atMs >= ratesMs * 0.9)) base = sample;
    const text = await renderBridges(bridges, choice);
    if (text !== previous) context.stdout.write(clear + text);
    previous = text;
  }
}
