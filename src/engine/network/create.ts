// Makes a network of the user's own: `tsns network create`.
import { TsnsError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { requireIptables } from "../../kernel/iptables/index.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { familiesOf, type NetworkRequest, validateNetworkRequest } from "../../network/request.ts";
import { undoOf } from "../../plan/plan.ts";
import { getNetwork, type NetworkRecord, putNetwork } from "../../store/network-record.ts";
import { requirePrivilege } from "../container/privilege.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { designConfiguration, designNetwork, withConfiguration } from "./design.ts";
import { recordNetworkEvent } from "./event.ts";
import { makeNetwork, networkOwner, planOfNetwork } from "./make.ts";

/**
 * The new network's record; undefined after a dry run. Throws invalid with every problem, not-found `no-configuration-network`, conflict
 * `network-exists`, `pool-overlap`.
 */
export async function createNetwork(engine: Engine, given: NetworkRequest): Promise<NetworkRecord | undefined> {
  refuse(validateNetworkRequest(given));
  refuseExisting(engine, given.name);
  const request = settle(engine, given);
  requirePrivilege("networks", 1);
  if (request.configOnly) return createConfiguration(engine, request);
  if (engine.mode.dryRun) {
    engine.show(planOfNetwork(designNetwork(engine, request)));
    return undefined;
  }
  const families = familiesOf(request);
  // Only bridges have rules: other links are not the host's to forward for.
  for (const family of ["ipv4", "ipv6"] as const) if (families[family] && request.driver === "bridge") requireIptables(family);
  return withLock(engine, networkOwner(request.name), "network create", () =>
    withNetworkClaim(async () => {
      const interrupted = refuseExisting(engine, request.name);
      if (interrupted) await performUndo(engine, undoOf(planOfNetwork(interrupted.spec)));
      const spec = designNetwork(engine, request);
      engine.show(planOfNetwork(spec));
      return makeNetwork(engine, { id: newId(), createdMs: Date.now(), spec, appliedBoot: "" }, { create: true });
    }),
  );
}

/** With the settings of the configuration network it names; these are judged by the driver as if they had been given. */
function settle(engine: Engine, request: NetworkRequest): NetworkRequest {
  if (request.configFrom === undefined) return request;
  const record = getNetwork(engine.store, request.configFrom);
  if (!record?.spec.configOnly) {
    const message = `configuration network "${request.configFrom}" does not exist`;
    throw new TsnsError("not-found", "no-configuration-network", message, {
      hint: record ? `${request.configFrom} is a network of its own` : "tsns network create --config-only makes one",
    });
  }
  const { configFrom: _, ...own } = withConfiguration(request, record.spec);
  refuse(validateNetworkRequest(own));
  return { ...own, configFrom: record.spec.name };
}

/** A record and nothing on the host. */
function createConfiguration(engine: Engine, request: NetworkRequest): Promise<NetworkRecord | undefined> {
  return withLock(engine, networkOwner(request.name), "network create", async () => {
    const spec = designConfiguration(request);
    if (engine.show(planOfNetwork(spec))) return undefined;
    const record = { id: newId(), createdMs: Date.now(), spec, appliedBoot: "" };
    const interrupted = refuseExisting(engine, request.name);
    if (interrupted) await performUndo(engine, undoOf(planOfNetwork(interrupted.spec)));
    engine.store.transaction(() => {
      refuseExisting(engine, request.name);
      putNetwork(engine.store, record);
    });
    recordNetworkEvent(engine, record, "create");
    return record;
  });
}

/** A network that a command was making or removing when it was killed is none; it is returned, so that what is left of it can go. */
function refuseExisting(engine: Engine, name: string): NetworkRecord | undefined {
  const known = getNetwork(engine.store, name);
  if (!known || known.pending) return known;
  throw new TsnsError("conflict", "network-exists", `network with name ${name} already exists`, {
    hint: `tsns network inspect ${name} shows it`,
  });
}

function refuse(faults: readonly TsnsError[]): void {
  const [first, ...more] = faults;
  if (!first) return;
  if (more.length === 0) throw first;
  const lines = faults.map(({ message, hint }) => (hint ? `${message} (${hint})` : message));
  throw new TsnsError("invalid", "bad-options", lines.join("\n"), { problems: lines });
}
