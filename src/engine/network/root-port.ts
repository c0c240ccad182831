// Host ports that containers and forwards of other data roots have: they are in no lease of this one and no process listens on them, only
// rules lead there. The rules are read where a link says that there may be another root, at most once for each family.

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

/** Asks for what other data roots publish; reads nothing before the first question. */
export function openRootPorts(engine: Engine): RootPorts {
  let own: readonly string[] | undefined;
  const bridges = () => {
    own ??= listNetworks(engine.store).map(({ spec }) => spec.bridge);
    return own;
  };
  let others: boolean | undefined;
  const known = new Map<IpFamily, readonly PublishedRule[]>();

  function rulesOf(family: IpFamily): readonly PublishedRule[] {
    const outcome = runIptables(family, "-save", ["-t", "nat"], {});
    if (outcome.status !== 0) throw iptablesError(outcome, "read the rules of published ports");
    const mine = new Set([ownChains(engine.root).dnat, ...bridges().map((bridge) => namesOfBridge(bridge).dnatChain)]);
    return parsePublished(outcome.stdout, family).filter(({ chain }) => !mine.has(chain));
  }

  return {
    holderOf(port) {
      others ??= readBridgeNames().some((name) => !isForeignBridge(name) && !bridges().includes(name));
      if (!others) return undefined;
      const family = familyOfText(port.hostIp);
      const rules = known.get(family) ?? rulesOf(family);
      known.set(family, rules);
      const found = findPublished(rules, port);
      return found && holderName(found.owner);
    },
  };
}

const holderName = (owner: string): string =>
  /^[0-9a-f]{12}$/.test(owner) ? `container ${owner} of another data root` : "another data root of tsns";
