// Makes sure a network exists in the kernel of this boot before a container joins it.
import { TsnsError } from "../../base/error.ts";
import { hasLink } from "../../kernel/netlink/sysfs.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { readBootId } from "../../kernel/proc/host.ts";
import { builtInNetworkId, defaultNetwork } from "../../network/name.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import type { Plan } from "../../plan/plan.ts";
import { findNetwork, getNetwork, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { designPlainNetwork } from "./design.ts";
import { makeNetwork, networkOwner, planOfNetwork } from "./make.ts";

const isApplied = (record: NetworkRecord, boot: string) => !record.pending && record.appliedBoot === boot && hasLink(record.spec.bridge);

/** By name or id; what a command that is gone was making or removing is not there. */
function findSettled(engine: Engine, reference: string): NetworkRecord | undefined {
  const known = findNetwork(engine.store, reference);
  return known?.pending && known.spec.name !== defaultNetwork ? undefined : known;
}

/** The network's record, set up in the kernel; the default network is made at its first use. */
export async function ensureNetwork(engine: Engine, reference: string): Promise<NetworkRecord> {
  const boot = readBootId();
  const known = findSettled(engine, reference);
  if (known && isApplied(known, boot)) return known;
  if (!known && reference !== defaultNetwork) throw noSuchNetwork(reference);
  refuseConfiguration(known);
  const name = known?.spec.name ?? reference;
  return withLock(engine, networkOwner(name), "network create", () =>
    withNetworkClaim(() => {
      const again = getNetwork(engine.store, name);
      if (again && isApplied(again, boot)) return Promise.resolve(again);
      if (!again && name !== defaultNetwork) throw noSuchNetwork(name);
      const spec = again?.spec ?? designPlainNetwork(engine, name);
      engine.show(planOfNetwork(spec));
      return makeNetwork(engine, again ?? { id: builtInNetworkId(engine.root, name), createdMs: Date.now(), spec, appliedBoot: "" }, {
        create: false,
      });
    }),
  );
}

/** What `ensureNetwork` would do, for --dry-run; no steps when it is there. */
export function planEnsureNetwork(engine: Engine, reference: string): { readonly spec: NetworkSpec; readonly plan: Plan } {
  const known = findSettled(engine, reference);
  if (!known && reference !== defaultNetwork) throw noSuchNetwork(reference);
  refuseConfiguration(known);
  const spec = known?.spec ?? designPlainNetwork(engine, reference);
  return { spec, plan: known && isApplied(known, readBootId()) ? { steps: [] } : planOfNetwork(spec) };
}

function refuseConfiguration(known: NetworkRecord | undefined): void {
  if (!known?.spec.configOnly) return;
  const { name } = known.spec;
  throw new TsnsError("invalid", "configuration-network", `network ${name} is a configuration network: no container can be on it`, {
    hint: `make one from it: tsns network create --config-from ${name} NETWORK`,
    exitCode: 125,
  });
}

function noSuchNetwork(name: string): TsnsError {
  return new TsnsError("not-found", "no-such-network", `network ${name} not found`, {
    hint: "tsns network ls lists them, tsns network create makes one",
    exitCode: 125,
  });
}
