// Takes a network out of the kernel and out of the store.
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { requireIptables } from "../../kernel/iptables/index.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { families } from "../../network/ip.ts";
import { defaultNetwork } from "../../network/name.ts";
import { poolOf } from "../../network/spec.ts";
import { undoOf } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { deleteNetwork, findNetwork, getNetwork, listNetworks, putNetwork } from "../../store/network-record.ts";
import { requirePrivilege } from "../container/privilege.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { recordNetworkEvent } from "./event.ts";
import { builtInNetworks } from "./list.ts";
import { networkOwner, planOfNetwork } from "./make.ts";

interface User {
  readonly name: string;
  readonly id: string;
}

/** The containers that hold an address of the network. */
function usersOf(engine: Engine, network: string): User[] {
  return engine.store
    .all(
      "SELECT DISTINCT coalesce(container.name, address_lease.container) AS name, address_lease.container AS id FROM address_lease LEFT JOIN container ON container.id = address_lease.container WHERE network = ? ORDER BY name",
      network,
    )
    .map((row) => ({ name: String(row.name), id: String(row.id) }));
}

/**
 * As removeNetwork, for somebody who names networks: the default one, which docker refuses, only with `isDefaultMeant`, by which one that is not
 * made is no failure.
 */
export async function removeNamedNetwork(engine: Engine, reference: string, isDefaultMeant: boolean): Promise<void> {
  const name = findNetwork(engine.store, reference)?.spec.name;
  if (name === defaultNetwork && !isDefaultMeant) throw predefined(name);
  if (name === undefined && reference === defaultNetwork && isDefaultMeant) return;
  await removeNetwork(engine, reference);
}

/** Removes bridge, rules and record. Throws not-found, or conflict naming the containers that use it. */
export async function removeNetwork(engine: Engine, reference: string): Promise<void> {
  const record = findNetwork(engine.store, reference);
  if (!record) throw noNetworkToRemove(reference);
  const { name } = record.spec;
  const undo = undoOf(planOfNetwork(record.spec));
  if (engine.show({ steps: undo.map((step) => ({ step, because: `network ${name} is removed` })) })) return;
  refuseUsed(engine, name);
  requirePrivilege("networks", 1);
  const hasRules = !record.spec.configOnly && (record.spec.driver ?? "bridge") === "bridge";
  for (const family of families) if (hasRules && poolOf(record.spec, family)) requireIptables(family);
  await withLock(engine, networkOwner(name), "network rm", async () => {
    // From here on it is none, also when this command is killed: a bridge without its rules would open what they close.
    engine.store.transaction(() => {
      // Another command may have removed it while this one waited for the lock.
      if (getNetwork(engine.store, name)?.id !== record.id) throw noNetworkToRemove(reference);
      refuseUsed(engine, name);
      putNetwork(engine.store, { ...record, appliedBoot: "", pending: "remove" });
    });
    // Chains that all networks share go with the last one: whether it is that nobody else may change meanwhile.
    await withNetworkClaim(() => performUndo(engine, withForgotten(readJournal(engine.store, networkOwner(name)) ?? undo, undo)));
    engine.store.transaction(() => {
      deleteJournal(engine.store, networkOwner(name));
      deleteNetwork(engine.store, name);
    });
    recordNetworkEvent(engine, record, "destroy");
  });
}

/** firewalld may have been told of the bridge after the network was made (`net drift --repair`). */
function withForgotten(steps: readonly Step[], now: readonly Step[]): readonly Step[] {
  const isForgotten = ({ kind }: Step) => kind === "firewalld.forget";
  return steps.some(isForgotten) ? steps : [...steps, ...now.filter(isForgotten)];
}

function refuseUsed(engine: Engine, network: string): void {
  const users = usersOf(engine, network);
  if (users.length > 0) {
    const shown = users.map(({ name, id }) => `name:"${name}" id:"${shortId(id)}"`).join(", ");
    throw new TsnsError("conflict", "network-in-use", `error while removing network: network ${network} has active endpoints (${shown})`, {
      hint: `stop these containers first, or tsns network disconnect ${network} ${users[0]?.name}`,
    });
  }
  const made = listNetworks(engine.store).filter(({ spec, pending }) => spec.configFrom === network && !pending);
  if (made.length === 0) return;
  throw new TsnsError("conflict", "network-in-use", `error while removing network: configuration network "${network}" is in use`, {
    hint: `remove the networks made from it first: ${made.map(({ spec }) => spec.name).join(", ")}`,
  });
}

function noNetworkToRemove(name: string): TsnsError {
  if (builtInNetworks.includes(name)) return predefined(name);
  return new TsnsError("not-found", "no-such-network", `network ${name} not found`, { hint: "tsns network ls lists them" });
}

function predefined(name: string): TsnsError {
  return new TsnsError("invalid", "predefined-network", `${name} is a pre-defined network and cannot be removed`, {
    hint:
      name === defaultNetwork
        ? `tsns network rm --default ${name} takes its link and rules away, until a container needs them`
        : "it is no object of the kernel",
  });
}
