// Tracked connections to an address that no container has now: their packets go nowhere until the kernel forgets them.
import { TsnsError } from "../../base/error.ts";
import { planFlush } from "../../network/flow/plan.ts";
import { ipContains, parseIpSubnet } from "../../network/ip.ts";
import { renderIp } from "../../network/rule/match.ts";
import type { Finder, Finding } from "./finding.ts";
import type { Scene } from "./scene.ts";

interface StaleFlow {
  readonly finding: Finding;
  /** The address is of a network of this data root. */
  readonly own: boolean;
}

/** A TCP connection that both sides have closed: the kernel forgets it within two minutes, and a new one takes its place at once. */
const ended: readonly string[] = ["LAST_ACK", "TIME_WAIT", "CLOSE"];

/** An echo that was asked for is forgotten within half a minute (nf_conntrack_icmp_timeout), and nothing waits behind it. */
const brief: readonly string[] = ["icmp", "icmpv6"];

/** Nothing where connections cannot be listed: no privilege, no conntrack in the kernel, its program missing. */
async function staleFlows({ engine, networks }: Scene): Promise<readonly StaleFlow[]> {
  const { listFlows } = await import("../network/flows.ts");
  const subnets = networks.flatMap(({ spec }) => spec.pools.flatMap(({ subnet }) => parseIpSubnet(subnet) ?? []));
  try {
    return listFlows(engine).flatMap(({ flow, dead }): StaleFlow[] => {
      if (!dead || ended.includes(flow.state) || brief.includes(flow.protocol)) return [];
      const address = renderIp(dead);
      const [planned] = planFlush([{ flow, dead }]).steps;
      const own = subnets.some((subnet) => ipContains(subnet, dead));
      const { original } = flow;
      return [
        {
          own,
          finding: {
            kind: "connection",
            object: `${flow.protocol} ${renderIp(original.source)} to ${renderIp(original.destination)} port ${original.destinationPort}`,
            proof: `nobody has ${address} any more`,
            bytes: 0,
            owner: own ? "tsns" : "unknown",
            repair: planned ? [planned.step] : [],
          },
        },
      ];
    });
  } catch (error) {
    if (error instanceof TsnsError && ["denied", "unsupported", "not-found", "unavailable"].includes(error.kind)) return [];
    throw error;
  }
}

export const findFlows: Finder = async (scene) =>
  scene.networks.length === 0 ? [] : (await staleFlows(scene)).filter(({ own }) => own).map(({ finding }) => finding);

export const findForeignFlows: Finder = async (scene) => (await staleFlows(scene)).filter(({ own }) => !own).map(({ finding }) => finding);
