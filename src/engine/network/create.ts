// Makes a network of the user's own: `tsns network create`.
import { TsnsError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { requireIptables } from "../../kernel/iptables/index.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { type NetworkRequest, validateNetworkRequest } from "../../network/request.ts";
import { undoOf } from "../../plan/plan.ts";
import { getNetwork, type NetworkRecord } from "../../store/network-record.ts";
import { requirePrivilege } from "../container/privilege.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { designNetwork } from "./design.ts";
import { makeNetwork, networkOwner, planOfNetwork } from "./make.ts";

/** The new network's record; undefined after a dry run. Throws invalid with every problem, conflict `network-exists`, `pool-overlap`. */
export async function createNetwork(engine: Engine, request: NetworkRequest): Promise<NetworkRecord | undefined> {
  refuse(validateNetworkRequest(request));
  refuseExisting(engine, request.name);
  requirePrivilege("networks", 1);
  if (engine.mode.dryRun) {
    engine.show(planOfNetwork(designNetwork(engine, request)));
    return undefined;
  }
  requireIptables();
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
