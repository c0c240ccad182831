// Whose a rule is: containers and networks by addresses, ids and bridges in its text. What the text says by itself is
// src/network/rule/owner.ts.
import type { Owner } from "../../namespace/owner.ts";
import { canonicalAddress } from "../../network/canonical.ts";
import { type RuleMatch, renderBlock, renderIp } from "../../network/rule/match.ts";
import { nobody, type RuleOwner } from "../../network/rule/view.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { readOwnNetworks } from "./own.ts";

/** What is known of the names behind addresses, ids and bridges; looked up at first use. */
export interface Directory {
  ofAddress(address: string): RuleOwner | undefined;
  ofId(id: string): RuleOwner | undefined;
  ofBridge(bridge: string): string | undefined;
}

const ownerOf = ({ engine, name, id }: Owner): RuleOwner | undefined =>
  engine === "other" || engine === "systemd" ? undefined : { program: engine, kind: "container", name, ...(id === "" ? {} : { id }) };

export function openDirectory(engine: Engine): Directory {
  const owners = openOwners(engine);
  let named: ReadonlyMap<string, RuleOwner> | undefined;
  let networks: ReadonlyMap<string, string> | undefined;
  const own = () => {
    networks ??= new Map(
      readOwnNetworks(engine).flatMap(({ bridge, pools, name }) =>
        [bridge, ...pools.map(({ subnet }) => subnet)].map((key) => [key, name] as const),
      ),
    );
    return networks;
  };
  return {
    ofAddress(address) {
      named ??= new Map([
        ...owners.containers.flatMap(({ owner, addresses }) => {
          const found = ownerOf(owner);
          return found ? addresses.map((text) => [canonicalAddress(text) ?? text, found] as const) : [];
        }),
        ...[...own()].map(([key, name]) => [key, { program: "tsns", kind: "network", name }] as const),
      ]);
      return named.get(address);
    },
    ofId(id) {
      const found = owners.containers.find(({ owner }) => owner.id.startsWith(id));
      return found && ownerOf(found.owner);
    },
    ofBridge: (bridge) => own().get(bridge),
  };
}

/** The owner by the rule's own text, with names in place of ids and bridges; containers of foreign engines by the addresses in it. */
export function completeOwner(owner: RuleOwner, match: RuleMatch, directory: Directory): RuleOwner {
  if (owner.program === "tsns") {
    if (owner.kind === "network") return { ...owner, name: directory.ofBridge(owner.name ?? "") ?? owner.name ?? "" };
    return owner.kind === "container" ? (directory.ofId(owner.id ?? "") ?? owner) : owner;
  }
  const found = addressesOf(match).flatMap((address) => directory.ofAddress(address) ?? [])[0];
  if (!found || owner === nobody || owner.program === found.program) return found ?? owner;
  // The plugins of CNI write rules for whichever engine called them.
  return owner.program === "cni" && found.program !== "tsns" ? { ...found, program: owner.program } : owner;
}

/** Addresses that say whose a rule is: where it leads, then whom it is about. */
function addressesOf({ conditions, target }: RuleMatch): readonly string[] {
  const to = target.kind === "dnat" && target.to.address ? [renderIp(target.to.address.from)] : [];
  return [
    ...to,
    ...conditions.flatMap((condition) => (condition.kind === "address" && !condition.not ? [renderBlock(condition.block)] : [])),
  ];
}

/** "container web", "docker container db"; undefined for an owner without a name. */
export function nameOf(owner: RuleOwner | undefined): string | undefined {
  if (!owner?.kind) return undefined;
  return owner.program === "tsns" ? `${owner.kind} ${owner.name}` : `${owner.program} ${owner.kind} ${owner.name}`;
}

/** By program, name, kind and name, or the start of an id. */
export function isOwnedBy({ program, kind, name, id }: RuleOwner, wanted: string): boolean {
  const words = wanted.toLowerCase();
  if (program.toLowerCase() === words || name?.toLowerCase() === words) return true;
  if (`${kind} ${name}`.toLowerCase() === words || `${program} ${kind} ${name}`.toLowerCase() === words) return true;
  return id !== undefined && /^[0-9a-f]{6,}$/.test(words) && id.startsWith(words);
}
