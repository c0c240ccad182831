// What has to be done on the host for a network to exist. Addresses have been chosen before. Pure.
import type { Plan, PlannedStep } from "../plan/plan.ts";
import { parseAddress, parseSubnet } from "./address.ts";
import { driverOption } from "./driver-option.ts";
import { macOfAddress } from "./mac.ts";
import type { NetworkNames } from "./name.ts";
import { networkRuleSteps } from "./rule-plan.ts";
import { type NetworkSpec, poolOf } from "./spec.ts";

/** What planning a network has to know of the host. */
export interface NetworkHost {
  /** net.ipv4.ip_forward is 1. */
  readonly ipForward: boolean;
}

/**
 * Bridge, address and rules of a network. The bridge comes up last, so that one that is up is complete. Works whether or not
 * bridged packets pass iptables (net.bridge.bridge-nf-call-iptables).
 */
export function planNetwork(spec: NetworkSpec, names: NetworkNames, host: NetworkHost): Plan {
  const { bridge } = names;
  const { gateway = "", subnet = "0.0.0.0/0" } = poolOf(spec, "ipv4") ?? {};
  const forward: PlannedStep = {
    step: { kind: "sysctl.write", key: "net.ipv4.ip_forward", value: "1" },
    because: "the host passes packets between containers and its networks; stays on, as others may rely on it by then",
  };
  const mtuBytes = spec.options?.[driverOption.mtu];
  return {
    steps: [
      ...(host.ipForward ? [] : [forward]),
      {
        step: { kind: "bridge.add", name: bridge, mac: macOfAddress(parseAddress(gateway) ?? 0) },
        because: "containers of the network meet at a bridge; a fixed hardware address survives its ports",
        undo: { kind: "link.remove", name: bridge },
      },
      ...(mtuBytes === undefined ? [] : [sizePackets(bridge, Number(mtuBytes))]),
      ...networkRuleSteps(spec, names),
      {
        step: { kind: "sysctl.write", key: `net.ipv4.conf.${bridge}.route_localnet`, value: "1" },
        because: "ports published on 127.0.0.1 work without a proxy; the raw rules keep containers out of 127.0.0.0/8",
      },
      {
        step: { kind: "address.add", link: bridge, address: `${gateway}/${parseSubnet(subnet).prefixLength}` },
        because: "the host is the network's gateway",
      },
      { step: { kind: "link.up", name: bridge }, because: "the bridge forwards" },
    ],
  };
}

const sizePackets = (bridge: string, mtuBytes: number): PlannedStep => ({
  step: { kind: "link.set", name: bridge, change: { mtuBytes } },
  because: `--opt ${driverOption.mtu}`,
});
