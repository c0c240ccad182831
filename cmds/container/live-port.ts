// `tsns port add|rm`: ports of a running container.
import { addPorts, removePorts } from "../../src/engine/container/live-port.ts";
import { renderPort } from "../../src/network/port.ts";
import { defineCommand } from "../command.ts";

const print = (ports: readonly Parameters<typeof renderPort>[0][] | undefined) =>
  (ports ?? []).map((port) => `${renderPort(port)}\n`).join("");

export const add = defineCommand({
  path: "port add",
  usage: "[OPTIONS] CONTAINER [IP:][PORT:]CONTAINER_PORT[/PROTO]...",
  summary: "Publish ports of a running container, until it ends",
  options: {},
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  async run(context, { args: [name = "", ...ports] }) {
    context.stdout.write(print(await addPorts(context.engine(), name, ports)));
    return 0;
  },
});

export const rm = defineCommand({
  path: "port rm",
  usage: "[OPTIONS] CONTAINER [IP:][PORT:]CONTAINER_PORT[/PROTO]...",
  summary: "Publish ports of a running container no more",
  options: {},
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  async run(context, { args: [name = "", ...ports] }) {
    context.stdout.write(print(await removePorts(context.engine(), name, ports)));
    return 0;
  },
});
