// Options on a container's network, its ports and names.
import { isName } from "../../../src/base/id.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import type { NetworkMode } from "../../../src/container/spec/network.ts";
import { parsePort } from "../../../src/network/port.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const networkOptions = {
  network: {
    type: "list",
    aliases: ["net"],
    value: "network",
    describe: "Connect the container to a network: bridge, host, none, a name of network ls, container:NAME",
    completes: "network",
  },
  publish: { type: "list", short: "p", describe: "Publish a container's ports to the host" },
} as const satisfies OptionTable;

export function parseNetworking({ problems, read }: CreatePart, values: ValuesOf<typeof networkOptions>) {
  const network = read(() => parseNetwork(values.network), { mode: "none" } satisfies NetworkMode as NetworkMode);
  if (values.publish?.length && network.mode !== "bridge")
    problems.add(`--publish goes with a bridge network, not with --network ${values.network?.at(-1)}`);
  return {
    network,
    ports: (values.publish ?? []).flatMap((text) => read(() => parsePort(text), [])),
  } satisfies Partial<CreateRequest>;
}

function parseNetwork(names: readonly string[] | undefined): NetworkMode {
  const [text, ...more] = [...new Set(names)];
  if (more.length > 0)
    throw badOption(`--network: a container has one network, not ${text} and ${more.join(" and ")}`, "give --network once");
  if (text === undefined || text === "bridge" || text === "default") return { mode: "bridge", network: "bridge" };
  if (text === "none" || text === "host") return { mode: text };
  if (text.startsWith("container:") && text.length > 10) return { mode: "container", container: text.slice(10) };
  if (isName(text)) return { mode: "bridge", network: text };
  throw badOption(`--network: invalid network "${text}"`, "use bridge, host, none or container:NAME");
}
