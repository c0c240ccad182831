// tsns net flows: tracked connections, with the containers at their ends.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { type FlowView, flushStale, listFlows } from "../../src/engine/network/flows.ts";
import { renderEndpoint, rewrittenDestination, rewrittenSource } from "../../src/network/flow/flow.ts";
import { renderIp } from "../../src/network/rule/address.ts";
import { renderRule } from "../../src/network/trace/verdict.ts";
import { ruleView } from "../../src/network/trace/view.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

const none = "-";

const withName = (endpoint: string, name: string): string => (name === "" ? endpoint : `${endpoint} (${name})`);

const clientOf = ({ flow, client }: FlowView) => withName(renderEndpoint(flow.original.source, flow.original.sourcePort), client);
const askedOf = ({ flow }: FlowView) => renderEndpoint(flow.original.destination, flow.original.destinationPort);
const serverOf = ({ flow, server }: FlowView) => withName(renderEndpoint(flow.reply.source, flow.reply.sourcePort), server);
const stateOf = ({ flow }: FlowView) => flow.state || (flow.unreplied ? "UNREPLIED" : flow.assured ? "ASSURED" : "REPLIED");

/** The address the server sees instead of the client's. */
function seenAs({ flow }: FlowView): string {
  const source = rewrittenSource(flow);
  return source ? renderEndpoint(source.ip, source.port) : none;
}

function rulesOf({ rules, flow }: FlowView): string {
  const found = [rules.destination, rules.source].flatMap((rule) => (rule ? [renderRule(rule)] : []));
  if (found.length > 0) return found.join("; ");
  return rewrittenDestination(flow) || rewrittenSource(flow) ? "no rule of today" : none;
}

const listing: Listing<FlowView> = {
  fields: [
    { name: "Protocol", header: "proto", value: ({ flow }) => flow.protocol },
    { name: "State", header: "state", value: (view) => (view.dead ? `${stateOf(view)} STALE` : stateOf(view)) },
    { name: "Client", header: "client", value: clientOf },
    { name: "Asked", header: "asked", value: askedOf },
    { name: "Server", header: "server", value: serverOf },
    { name: "Program", header: "program", value: ({ program }) => program || none },
    { name: "SeenAs", header: "seen as", value: seenAs },
    { name: "Timeout", header: "timeout", value: ({ flow }) => `${flow.timeoutSeconds}s` },
    { name: "Rule", header: "rewritten by", value: rulesOf },
  ],
  key: ({ flow }) => `${flow.id}`,
  record: recordOf,
};

function recordOf({ flow, client, server, program, rules, dead }: FlowView): unknown {
  const tuple = ({ source, destination, sourcePort, destinationPort }: FlowView["flow"]["original"]) => ({
    source: renderIp(source),
    sourcePort,
    destination: renderIp(destination),
    destinationPort,
  });
  return {
    id: flow.id,
    protocol: flow.protocol,
    state: flow.state,
    assured: flow.assured,
    unreplied: flow.unreplied,
    timeoutSeconds: flow.timeoutSeconds,
    mark: flow.mark,
    zone: flow.zone,
    original: tuple(flow.original),
    reply: tuple(flow.reply),
    client,
    server,
    program,
    ...(rules.destination ? { destinationRule: ruleView(rules.destination) } : {}),
    ...(rules.source ? { sourceRule: ruleView(rules.source) } : {}),
    ...(dead ? { stale: renderIp(dead) } : {}),
  };
}

export const command = defineCommand({
  path: "net flows",
  usage: "[OPTIONS] [CONTAINER]",
  summary: "List tracked connections with the containers, processes and rules behind them",
  options: {
    format: listingOptions.format,
    json: listingOptions.json,
    quiet: listingOptions.quiet,
    "flush-stale": { type: "boolean", describe: "Forget the connections that lead to an address nobody has, and list those" },
  },
  arity: [0, 1],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    const engine = context.engine();
    if (!options["flush-stale"]) {
      context.stdout.write(await renderListing(listing, listFlows(engine, args[0]), options));
      return 0;
    }
    const gone = await flushStale(engine, args[0]);
    if (!context.mode.dryRun) context.stdout.write(await renderListing(listing, gone, options));
    return 0;
  },
});
