// Networks that a killed command was making or removing, and what stands in the kernel of networks that are not set up.
import { hasLink } from "../../kernel/netlink/sysfs.ts";
import { withNetworkClaim } from "../../kernel/network/claim.ts";
import { readBootId } from "../../kernel/proc/host.ts";
import { namesOfBridge } from "../../network/name.ts";
import { commentPrefix } from "../../network/rule/shared.ts";
import { undoOf } from "../../plan/plan.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { deleteNetwork, type NetworkRecord, putNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { networkOwner, planOfNetwork } from "../network/make.ts";
import { performUndo } from "../undo.ts";
import type { Finder, Finding } from "./finding.ts";
import type { SeenRules } from "./scene.ts";

export const findNetworks: Finder = (scene) => {
  const { engine, networks, isBusy } = scene;
  const boot = readBootId();
  return networks.flatMap((record): Finding[] => {
    if (isBusy(networkOwner(record.spec.name))) return [];
    // A parent that is the host's own says nothing of the network.
    const linked = !(record.spec.parent && !record.spec.parent.made) && hasLink(record.spec.bridge);
    if (!record.pending && record.appliedBoot === boot && linked) return [];
    const ruled = hasRules(scene.rules, record);
    if (!record.pending && !linked && !ruled) return [];
    return [findingOf(engine, record, linked, ruled)];
  });
};

/** Its own chains, and what it has put into those that networks share. */
function hasRules({ rules, chains }: SeenRules, { spec }: NetworkRecord): boolean {
  const { forwardChain, portChain, dnatChain, masqueradeChain, guardChain, owner } = namesOfBridge(spec.bridge);
  const own = [forwardChain, portChain, dnatChain, masqueradeChain, guardChain];
  const mark = `${commentPrefix}${owner}`;
  return chains.some(({ chain }) => own.includes(chain)) || rules.some(({ args }) => args.includes(mark));
}

function findingOf(engine: Engine, record: NetworkRecord, linked: boolean, ruled: boolean): Finding {
  const { name, bridge } = record.spec;
  const repair = readJournal(engine.store, networkOwner(name)) ?? undoOf(planOfNetwork(record.spec));
  const there = [...(linked ? [`link ${bridge}`] : []), ...(ruled ? ["rules"] : [])].join(" and ") || "its record";
  const verb = record.pending === "remove" ? "removed" : "made";
  return {
    kind: "network",
    object: name,
    proof: record.pending
      ? `the command that ${verb} it was killed and left ${there}`
      : linked
        ? `it is not set up in this boot, but there is ${there}`
        : `its link ${bridge} is gone, but its rules are there`,
    bytes: 0,
    owner: "tsns",
    repair,
    fix: async () => {
      // Chains are shared with the networks of other data roots.
      await withNetworkClaim(() => performUndo(engine, repair));
      engine.store.transaction(() => {
        deleteJournal(engine.store, networkOwner(name));
        if (record.pending) deleteNetwork(engine.store, name);
        else putNetwork(engine.store, { ...record, appliedBoot: "" });
      });
    },
  };
}
