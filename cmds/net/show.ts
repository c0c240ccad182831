// `tsns net show`: the bridges of the host, whoever made them, and what is plugged into them.
import { renderTable } from "../../src/base/table.ts";
import { renderJson } from "../../src/base/text.ts";
import { showBridges } from "../../src/engine/network/show.ts";
import type { BridgeView, PortView } from "../../src/network/view.ts";
import { defineCommand } from "../command.ts";

const header = ["bridge", "id", "address", "stp", "port", "state", "container", "interface", "inner address", "mac"];
const none = "-";

function stateOf(port: PortView): string {
  return port.up ? port.state : "down";
}

function portCells(port: PortView): readonly string[] {
  const { peer } = port;
  if (!peer) return [port.name, stateOf(port), none, none, none, none];
  return [port.name, stateOf(port), peer.owner, peer.link, peer.addresses.join(",") || none, peer.mac];
}

/** One line per port; the bridge stands on its first one. */
export function renderBridges(bridges: readonly BridgeView[]): string {
  const rows = bridges.flatMap((bridge) => {
    const own = [bridge.name, bridge.id, bridge.addresses.join(",") || none, bridge.stp ? "yes" : "no"];
    if (bridge.ports.length === 0) return [[...own, none, bridge.up ? "up" : "down", none, none, none, bridge.mac]];
    return bridge.ports.map((port, at) => [...(at === 0 ? own : ["", "", "", ""]), ...portCells(port)]);
  });
  return renderTable(header, rows);
}

/** What `brctl show` of bridge-utils prints, to the byte; nothing at all without bridges. */
export function renderBrctl(bridges: readonly BridgeView[]): string {
  if (bridges.length === 0) return "";
  const rows = bridges.map((bridge) => {
    const ports = bridge.ports.map((port) => port.name).join(`\n${"\t".repeat(7)}`);
    return `${bridge.name}\t\t${bridge.id}\t${bridge.stp ? "yes" : "no"}\t\t${ports}\n`;
  });
  return `bridge name\tbridge id\t\tSTP enabled\tinterfaces\n${rows.join("")}`;
}

export const command = defineCommand({
  path: "net show",
  usage: "[OPTIONS] [BRIDGE]",
  summary: "Show the bridges of this host, their ports and the containers behind them",
  options: {
    json: { type: "boolean", describe: "Print one JSON array" },
    brctl: { type: "boolean", describe: "Print the columns of brctl show" },
  },
  arity: [0, 1],
  async run(context, { options, args }) {
    const bridges = await showBridges(context.engine(), args[0]);
    if (options.json) context.stdout.write(`${renderJson(bridges, 2)}\n`);
    else context.stdout.write(options.brctl ? renderBrctl(bridges) : renderBridges(bridges));
    return 0;
  },
});
