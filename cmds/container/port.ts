// tsns port: the published ports of a container.

import { TsnsError } from "../../src/base/error.ts";
import { describeRunning } from "../../src/engine/container/find.ts";
import { renderPort } from "../../src/network/port.ts";
import { portsOf } from "../../src/network/spec.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container port",
  usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
  summary: "List port mappings or a specific mapping for the container",
  options: {},
  arity: [1, 2],
  completes: "running",
  run(context, { args }) {
    const [name = "", wanted] = args;
    const ports = portsOf(describeRunning(context.engine(), name).record.run?.endpoints);
    if (wanted === undefined) {
      context.stdout.write(ports.map((port) => `${renderPort(port)}\n`).join(""));
      return 0;
    }
    const [number, protocol = "tcp"] = wanted.split("/", 2);
    const found = ports.filter((port) => `${port.containerPort}` === number && port.protocol === protocol);
    if (found.length === 0) {
      throw new TsnsError("not-found", "port-not-published", `no public port '${number}/${protocol}' published for ${name}`, {
        hint: `tsns port ${name} lists them`,
      });
    }
    context.stdout.write(found.map((port) => `${renderPort(port).split(" -> ")[1]}\n`).join(""));
    return 0;
  },
});
