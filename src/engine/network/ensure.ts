// Makes sure a network exists in the kernel of this boot before a container joins it. How one is made is in missing.ts, which is loaded
// only then.
import { TsnsError } from "../../base/error.ts";
import { hasLink } from "../../kernel/netlink/sysfs.ts";
import { readBootId } from "../../kernel/proc/host.ts";
import { defaultNetwork } from "../../network/name.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import type { Plan } from "../../plan/plan.ts";
import { findNetwork, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

/** Whether it was set up in this boot and its link is there. */
export const isApplied = (record: NetworkRecord, boot: string): boolean =>
  !record.pending && record.appliedBoot === boot && hasLink(record.spec.bridge);

/**
 * By name or id; what a command that is gone was making or removing is not there. Undefined: the default network, which is made at its
 * first use. Throws not-found `no-such-network`, invalid `configuration-network`.
 */
function findJoinable(engine: Engine, reference: string): NetworkRecord | undefined {
  const known = findNetwork(engine.store, reference);
  const isThere = known && (!known.pending || known.spec.name === defaultNetwork);
  if (!isThere && reference !== defaultNetwork) throw noSuchNetwork(reference);
  if (known?.spec.configOnly) throw noPlace(known.spec.name);
  return known;
}

/** The network's record, set up in the kernel; the default network is made at its first use. */
export async function ensureNetwork(engine: Engine, reference: string): Promise<NetworkRecord> {
  const boot = readBootId();
  const known = findJoinable(engine, reference);
  if (known && isApplied(known, boot)) return known;
  const { makeMissing } = await import("./missing.ts");
  return makeMissing(engine, known?.spec.name ?? reference, boot);
}

/** What `ensureNetwork` would do, for --dry-run; no steps when it is there. */
export async function planEnsureNetwork(engine: Engine, reference: string): Promise<{ readonly spec: NetworkSpec; readonly plan: Plan }> {
  const known = findJoinable(engine, reference);
  if (known && isApplied(known, readBootId())) return { spec: known.spec, plan: { steps: [] } };
  const { planMissing } = await import("./missing.ts");
  return planMissing(engine, reference, known);
}

function noPlace(name: string): TsnsError {
  return new TsnsError("invalid", "configuration-network", `network ${name} is a configuration network: no container can be on it`, {
    hint: `make one from it: tsns network create --config-from ${name} NETWORK`,
    exitCode: 125,
  });
}

export function noSuchNetwork(name: string): TsnsError {
  return new TsnsError("not-found", "no-such-network", `network ${name} not found`, {
    hint: "tsns network ls lists them, tsns network create makes one",
    exitCode: 125,
  });
}
