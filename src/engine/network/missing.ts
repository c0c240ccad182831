// Makes a network that a container is about to join and that is not in the kernel: after a boot, or the default one at its first use.
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { builtInNetworkId, defaultNetwork } from "../../network/name.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import type { Plan } from "../../plan/plan.ts";
import { getNetwork, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { designPlainNetwork } from "./design.ts";
import { isApplied, noSuchNetwork } from "./ensure.ts";
import { makeNetwork, networkOwner, planOfNetwork } from "./make.ts";
import { requireParent } from "./parent.ts";
import { withPortRelay } from "./port-relay.ts";

/** Throws not-found when it was removed meanwhile. */
export function makeMissing(engine: Engine, name: string, boot: string): Promise<NetworkRecord> {
  return withLock(engine, networkOwner(name), "network create", () =>
    withNetworkClaim(() => {
      const again = getNetwork(engine.store, name);
      if (again && isApplied(again, boot)) return Promise.resolve(again);
      if (!again && name !== defaultNetwork) throw noSuchNetwork(name);
      const spec = again ? withPortRelay(again.spec) : designPlainNetwork(engine, name);
      requireParent(spec);
      engine.show(planOfNetwork(spec));
      const record = again ? { ...again, spec } : { id: builtInNetworkId(engine.root, name), createdMs: Date.now(), spec, appliedBoot: "" };
      return makeNetwork(engine, record, { create: false });
    }),
  );
}

export function planMissing(
  engine: Engine,
  reference: string,
  known: NetworkRecord | undefined,
): { readonly spec: NetworkSpec; readonly plan: Plan } {
  const spec = known ? withPortRelay(known.spec) : designPlainNetwork(engine, reference);
  return { spec, plan: planOfNetwork(spec) };
}
