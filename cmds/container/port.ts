// tsns port: the published ports of a container.

import { TsnsError } from "../../src/base/error.ts";
import { describeContainer } from "../../src/engine/container/find.ts";
import { renderPort } from "../../src/network/port.ts";
import { sortPorts } from "../../src/network/port-column.ts";
import { portsOf } from "../../src/network/spec.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container port",
  usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
  summary: "List port mappings or a specific mapping for the container",
  options: {},
  arity: [1, 2],
  completes: "container",
  run(context, { args }) {
    const [name = "", wanted = ""] = args;
    const { record, status } = describeContainer(context.engine(), name);
    // As docker: one that does not run publishes nothing, which is no error.
    const ports = status === "running" ? sortPorts(portsOf(record.run?.endpoints)) : [];
    if (wanted === "") {
      context.stdout.write(ports.map((port) => `${renderPort(port)}\n`).join(""));
      return 0;
    }
    const [number = "", protocol = ""] = wanted.split(/\/(.*)/s);
    if (!/^\d{1,5}$/.test(number) || Number(number) > 65535) {
      throw new TsnsError("invalid", "bad-port", `invalid port (${number})`, {
        hint: "give a port of the container's, such as 80 or 53/udp",
      });
    }
    const key = `${number}/${protocol || "tcp"}`;
    const found = ports.filter(({ containerPort, protocol }) => `${containerPort}/${protocol}` === key);
    if (found.length === 0) {
      throw new TsnsError("not-found", "port-not-published", `No public port '${wanted}' published for ${name}`, {
        hint:
          ports.length > 0 ? `tsns port ${name} lists them` : `it publishes none${status === "running" ? "" : ", as it is not running"}`,
      });
    }
    context.stdout.write(found.map((port) => `${renderPort(port).split(" -> ")[1]}\n`).join(""));
    return 0;
  },
});
