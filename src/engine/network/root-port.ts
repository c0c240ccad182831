// Host ports that containers and forwards of other data roots have: they are in no lease of this one and no process listens on them, only
// rules lead there. The rules are read where a link says that there may be another root, at most once for each family.
import { lazily } from "../../base/lazy.ts";
import { iptablesError, runIptables } from "../../kernel/iptables/run.ts";
import { readBridgeNames } from "../../kernel/netlink/sysfs.ts";
import { familyOfText } from "../../network/ip.ts";
import { namesOfBridge } from "../../network/name.ts";
import { ownChains } from "../../network/rule/own.ts";
import { findPublished, type PublishedRule, parsePublished } from "../../network/rule/published.ts";
import { isForeignBridge } from "../../network/rule/shared.ts";
import type { PortSpec } from "../../network/spec.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { listNetworks } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

export interface RootPorts {
  /** Who has a port on its one address, in words. Throws TsnsError when the rules cannot be read. */
  holderOf(port: PortSpec): string | undefined;
}

const bridgesOf = (engine: Engine): readonly string[] => listNetworks(engine.store).map(({ spec }) => spec.bridge);

/** Chains in which this root leads ports elsewhere: those of its networks and of its forwards. */
export const ownPortChains = (engine: Engine): ReadonlySet<string> =>
  new Set([ownChains(engine.root).dnat, ...bridgesOf(engine).map((bridge) => namesOfBridge(bridge).dnatChain)]);

/** Asks for what other data roots publish; reads nothing before the first question. */
export function openRootPorts(engine: Engine): RootPorts {
  const mayHaveOthers = lazily(() => {
    const own = bridgesOf(engine);
    return readBridgeNames().some((name) => !isForeignBridge(name) && !own.includes(name));
  });
  const readRules = (family: IpFamily) => (): readonly PublishedRule[] => {
    const outcome = runIptables(family, "-save", ["-t", "nat"], {});
    if (outcome.status !== 0) throw iptablesError(outcome, "read the rules of published ports");
    const own = ownPortChains(engine);
    return parsePublished(outcome.stdout, family).filter(({ chain }) => !own.has(chain));
  };
  const rules = { ipv4: lazily(readRules("ipv4")), ipv6: lazily(readRules("ipv6")) };
  return {
    holderOf(port) {
      if (!mayHaveOthers()) return undefined;
      const found = findPublished(rules[familyOfText(port.hostIp)](), port);
      return found && holderName(found.owner);
    },
  };
}

const holderName = (owner: string): string =>
  /^[0-9a-f]{12}$/.test(owner) ? `container ${owner} of another data root` : "another data root of tsns";
