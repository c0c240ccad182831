// Rules whose container is gone: in this data root's own chains, and those of others that lead to an address nobody has.

import { namesOfBridge } from "../../network/name.ts";
import { ownChains } from "../../network/rule/own.ts";
import { commentPrefix } from "../../network/rule.ts";
import type { TableName } from "../../plan/rule.ts";
import type { Step } from "../../plan/step.ts";
import { openOwners } from "../owner.ts";
import type { Finder, Finding } from "./finding.ts";
import { foreign } from "./link.ts";
import type { SeenRule } from "./scene.ts";

const commentOf = ({ args }: SeenRule): string => args[args.indexOf("--comment") + 1] ?? "";
const textOf = ({ table, chain, args }: SeenRule): string => `-t ${table} -A ${chain} ${args.join(" ")}`;
const removal = ({ family, table, chain, args }: SeenRule): Step => ({
  kind: "rule.apply",
  transaction: { family, changes: [{ change: "rule.remove", rule: { table: table as TableName, chain, args } }] },
});

export const findRules: Finder = ({ rules, networks, containers, journalOwners, isBusy }) => {
  if (networks.length === 0) return [];
  const chains = new Set(networks.map(({ spec }) => namesOfBridge(spec.bridge).dnatChain));
  const alive = containers.filter(({ record, status }) => status === "running" || journalOwners.includes(record.id) || isBusy(record.id));
  const ids = new Set(alive.map(({ record }) => record.id.slice(0, 12)));
  return rules.rules
    .filter((rule) => chains.has(rule.chain) && commentOf(rule).startsWith(commentPrefix))
    .flatMap((rule): Finding[] => {
      const id = commentOf(rule).slice(commentPrefix.length);
      if (!/^[0-9a-f]{12}$/.test(id) || ids.has(id)) return [];
      return [
        { kind: "rule", object: textOf(rule), proof: `container ${id} does not run`, bytes: 0, owner: "tsns", repair: [removal(rule)] },
      ];
    });
};

/** Who writes chains of these names. */
const ownerOfChain = (chain: string): string =>
  /^DOCKER/.test(chain)
    ? "docker"
    : /^(CNI|NETAVARK|PODMAN)/i.test(chain)
      ? "podman"
      : /^(LIBVIRT|KUBE|cali)/.test(chain)
        ? /^LIBVIRT/.test(chain)
          ? "libvirt"
          : "kubernetes"
        : /^TSNS-/.test(chain)
          ? "tsns of another data root"
          : "unknown";

export const findForeignRules: Finder = ({ engine, rules, networks, links }) => {
  // What tsns net forward made leads where its maker wants it: no container needs to be there.
  const own = new Set([...networks.map(({ spec }) => namesOfBridge(spec.bridge).dnatChain), ownChains(engine.root).dnat]);
  const owners = openOwners(engine);
  const names = new Set(links.map((link) => link.name));
  return rules.rules
    .filter((rule) => rule.table === "nat" && !own.has(rule.chain) && rule.args.includes("--to-destination"))
    .flatMap((rule): Finding[] => {
      // 10.1.2.3:80, [fd00::2]:80, fd00::2
      const destination = /^(?:\[([^\]]+)\]|([\d.]+|[\da-f:]+))/.exec(rule.args[rule.args.indexOf("--to-destination") + 1] ?? "");
      const address = destination?.[1] ?? destination?.[2];
      const bridge = rule.args[rule.args.indexOf("!") + 2];
      if (address === undefined || owners.ofAddress(address) !== undefined) return [];
      // Only where a container engine wrote it: elsewhere the address may be a machine's of the network.
      if (ownerOfChain(rule.chain) === "unknown") return [];
      const gone = rule.args.includes("!") && bridge?.startsWith("br-") && !names.has(bridge) ? `, and bridge ${bridge} is gone` : "";
      return [foreign("rule", textOf(rule), `no running container has ${address}${gone}`, ownerOfChain(rule.chain), removal(rule))];
    });
};
