// Performs steps on bridges and their ports.
import { bridgeCreate, bridgeSet, portSet } from "../../network/message-bridge.ts";
import type { BridgeStep } from "../../plan/step/bridge.ts";
import type { Exchange } from "../netlink/relay.ts";
import type { Executors } from "./executor.ts";

async function send(exchange: Exchange, namespacePath: string | undefined): Promise<void> {
  const { exchangeAll } = await import("../netlink/relay.ts");
  exchangeAll([exchange], namespacePath === undefined ? {} : { namespacePath });
}

export const bridgeExecutors: Executors<BridgeStep> = {
  "bridge.create": ({ name, namespace }) => send({ message: bridgeCreate(name), verb: "add bridge", target: name }, namespace),
  "bridge.set": ({ name, option, value, namespace }) =>
    send({ message: bridgeSet(name, option, value), verb: `set ${option} of`, target: name }, namespace),
  "port.set": ({ name, option, value, namespace }) =>
    send({ message: portSet(name, option, value), verb: `set ${option} of`, target: name }, namespace),
};
