// Makes sure a network exists in the kernel of this boot before a container joins it.
import { readFileSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { hasLink, readLinkMtu } from "../../kernel/netlink/sysfs.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { readTakenSubnets, readUplink } from "../../kernel/network/route.ts";
import { renderAddress, renderSubnet } from "../../network/address.ts";
import { bridgeName, defaultNetwork, namesOfBridge } from "../../network/name.ts";
import { defaultMtu, planNetwork } from "../../network/plan.ts";
import { chooseSubnet, defaultPools, gatewayOf } from "../../network/pool.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import { type Plan, undoOf } from "../../plan/plan.ts";
import { deleteJournal, writeJournal } from "../../store/journal.ts";
import { getNetwork, type NetworkRecord, putNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { performUndo } from "../undo.ts";

/** Owner of a network's rows in journal and locks. */
export const networkOwner = (name: string): string => `network:${name}`;

export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

const isApplied = (record: NetworkRecord, boot: string) => record.appliedBoot === boot && hasLink(record.spec.bridge);

/** The network's record, set up in the kernel; the default network is made at its first use. */
export async function ensureNetwork(engine: Engine, name: string): Promise<NetworkRecord> {
  const boot = readBootId();
  const known = getNetwork(engine.store, name);
  if (known && isApplied(known, boot)) return known;
  if (!known && name !== defaultNetwork) throw noSuchNetwork(name);
  return withLock(engine, networkOwner(name), "network create", () => withNetworkClaim(() => makeNetwork(engine, name, boot)));
}

/** Call with the lock and the claim: between the choice of a subnet and its address on the bridge nobody else may choose. */
async function makeNetwork(engine: Engine, name: string, boot: string): Promise<NetworkRecord> {
  const again = getNetwork(engine.store, name);
  if (again && isApplied(again, boot)) return again;
  const record: NetworkRecord = again ?? { id: newId(), createdMs: Date.now(), spec: designNetwork(engine.root, name), appliedBoot: "" };
  const plan = planOfNetwork(record.spec);
  engine.store.transaction(() => {
    putNetwork(engine.store, { ...record, appliedBoot: "" });
    writeJournal(engine.store, networkOwner(name), undoOf(plan));
  });
  // What an earlier, interrupted try left is taken away first: undoing is idempotent.
  await performUndo(engine, undoOf(plan));
  try {
    await engine.apply(plan);
  } catch (error) {
    await performUndo(engine, undoOf(plan)).catch(() => {});
    engine.store.transaction(() => deleteJournal(engine.store, networkOwner(name)));
    throw error;
  }
  const applied = { ...record, appliedBoot: boot };
  engine.store.transaction(() => putNetwork(engine.store, applied));
  return applied;
}

/** What `ensureNetwork` would do, for --dry-run; no steps when it is there. */
export function planEnsureNetwork(engine: Engine, name: string): { readonly spec: NetworkSpec; readonly plan: Plan } {
  const known = getNetwork(engine.store, name);
  if (!known && name !== defaultNetwork) throw noSuchNetwork(name);
  const spec = known?.spec ?? designNetwork(engine.root, name);
  return { spec, plan: known && isApplied(known, readBootId()) ? { steps: [] } : planOfNetwork(spec) };
}

export function planOfNetwork(spec: NetworkSpec): Plan {
  return planNetwork(spec, namesOfBridge(spec.bridge), {
    ipForward: readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim() === "1",
  });
}

function designNetwork(root: string, name: string): NetworkSpec {
  const subnet = chooseSubnet(defaultPools, readTakenSubnets());
  if (!subnet) {
    throw new TsnsError(
      "unavailable",
      "pools-exhausted",
      "no address range for the default network: every pool overlaps a route of this host",
      {
        hint: "remove a route or network that covers 10.66.0.0/16, 10.67.0.0/16 and 192.168.128.0/17",
      },
    );
  }
  const uplink = readUplink();
  const mtu = Math.min(defaultMtu, (uplink && readLinkMtu(uplink)) || defaultMtu);
  return { name, bridge: bridgeName(root, name), subnet: renderSubnet(subnet), gateway: renderAddress(gatewayOf(subnet)), mtu };
}

function noSuchNetwork(name: string): TsnsError {
  return new TsnsError("not-found", "no-such-network", `network ${name} not found`, {
    hint: "use bridge, host, none or container:NAME",
    exitCode: 125,
  });
}
