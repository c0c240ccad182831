// Bridges of the host with the names of the containers behind their ports.
import { TsnsError } from "../../base/error.ts";
import { readBridges } from "../../kernel/network/bridge.ts";
import type { BridgeView } from "../../network/view.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";

/** All bridges, or the one named. Throws TsnsError not-found `no-such-bridge`. */
export async function showBridges(engine: Engine, name?: string): Promise<readonly BridgeView[]> {
  const running = listContainerRecords(engine.store)
    .map((record) => observeContainer(engine, record))
    .filter(({ pid }) => pid > 0);
  const bridges = await readBridges(running.map(({ pid, record }) => ({ pid, id: record.id, name: record.name })));
  if (name === undefined) return bridges;
  const found = bridges.find((bridge) => bridge.name === name);
  if (found) return [found];
  const hint = bridges.length > 0 ? `there are ${bridges.map((bridge) => bridge.name).join(", ")}` : "there is no bridge on this host";
  throw new TsnsError("not-found", "no-such-bridge", `bridge ${name} not found`, { hint });
}
