// tsns network connect: a container joins a network, at once when it runs.
import { parseLink } from "../../src/container/link.ts";
import { connectNetwork } from "../../src/engine/network/connect.ts";
import { defineCommand } from "../command.ts";
import { parseAttachment } from "../option/create/attachment.ts";
import { parsePriority } from "../option/create/network-choice.ts";
import { Problems } from "../option/problem.ts";

export const command = defineCommand({
  path: "network connect",
  usage: "[OPTIONS] NETWORK CONTAINER",
  summary: "Connect a container to a network",
  options: {
    alias: { type: "list", value: "strings", describe: "Add network-scoped alias for the container" },
    "driver-opt": { type: "list", value: "strings", describe: "Driver options for the network" },
    "gw-priority": {
      type: "string",
      value: "int",
      describe: "Highest gw-priority provides the default gateway. Accepts positive and negative values",
    },
    ip: { type: "string", value: "string", describe: 'IPv4 address (e.g., "172.30.100.104")' },
    ip6: { type: "string", value: "string", describe: 'IPv6 address (e.g., "2001:db8::33")' },
    link: { type: "list", describe: "Add link to another container", completes: "running" },
    "link-local-ip": { type: "list", value: "strings", describe: "Add a link-local address for the container" },
  },
  arity: [2, 2],
  changes: true,
  completes: ["network", "container"],
  async run(context, { options, args: [network = "", container = ""] }) {
    const problems = new Problems();
    const strings = (values: readonly string[] = []) => values.flatMap((value) => value.split(","));
    const [alias, driverOptions, linkLocal] = [options.alias, options["driver-opt"], options["link-local-ip"]].map(strings);
    const priority = options["gw-priority"];
    const gatewayPriority =
      priority === undefined ? undefined : problems.collect(() => parsePriority(priority, "--gw-priority"), undefined);
    const links = (options.link ?? []).flatMap((text) => problems.collect(() => [parseLink(text)], []));
    const asked = parseAttachment(
      {
        name: network,
        ...(options.ip === undefined ? {} : { ip: options.ip }),
        ...(options.ip6 === undefined ? {} : { ip6: options.ip6 }),
        ...(alias?.length ? { alias } : {}),
        ...(linkLocal?.length ? { linkLocal } : {}),
        ...(driverOptions?.length ? { driverOptions } : {}),
        ...(gatewayPriority === undefined ? {} : { gatewayPriority }),
      },
      (body, fallback) => problems.collect(body, fallback),
    );
    problems.throwIfAny();
    await connectNetwork(context.engine(), container, links.length > 0 ? { ...asked, links } : asked);
    return 0;
  },
});
