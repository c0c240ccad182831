// `tsns net rate`: how fast a running container may receive and send.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { changeRates, type RateView, readRates } from "../../src/engine/container/rate.ts";
import { formatRate, parseRate } from "../../src/network/rate.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { Problems } from "../option/problem.ts";
import { toolkitExitCode, usageError } from "../usage-error.ts";

const listing: Listing<RateView> = {
  fields: [
    { name: "Network", header: "network", value: ({ network }) => network },
    { name: "Direction", header: "direction", value: ({ direction }) => direction },
    { name: "Rate", header: "rate", value: ({ rate }) => (rate ? formatRate(rate.bitsPerSecond) : "unlimited") },
    { name: "Burst", header: "burst", value: ({ rate }) => (rate ? `${rate.burstBytes}` : "-") },
    { name: "Link", header: "link", value: ({ link }) => link },
  ],
  key: ({ network, direction }) => `${network} ${direction}`,
  record: (row) => row,
};

export const command = defineCommand({
  path: "net rate",
  usage: "[OPTIONS] CONTAINER",
  summary: "Show or limit how fast a running container receives and sends",
  options: {
    in: { type: "string", value: "rate", describe: "What it receives at most, such as 10mbit; 0 or none for no limit" },
    out: { type: "string", value: "rate", describe: "What it sends at most" },
    clear: { type: "boolean", describe: "Take both limits away" },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [1, 1],
  changes: true,
  completes: "running",
  async run(context, { options, args: [name = ""] }) {
    const problems = new Problems();
    const read = (text: string | undefined, what: string) =>
      problems.collect(() => (text === undefined ? undefined : /^(0|none)$/.test(text) ? null : parseRate(text, what)), undefined);
    const asked = { in: read(options.in, "--in"), out: read(options.out, "--out") };
    problems.throwIfAny();
    const isAsked = asked.in !== undefined || asked.out !== undefined;
    if (options.clear && isAsked) throw usageError("net rate", ["--clear goes without --in and --out"], toolkitExitCode);
    const engine = context.engine();
    if (!options.clear && !isAsked) {
      context.stdout.write(await renderListing(listing, readRates(engine, name), options));
      return 0;
    }
    const change = options.clear ? { in: null, out: null } : asked;
    await changeRates(engine, name, {
      ...(change.in === undefined ? {} : { in: change.in }),
      ...(change.out === undefined ? {} : { out: change.out }),
    });
    return 0;
  },
});
