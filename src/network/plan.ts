// What has to be done on the host for a network to exist. Addresses have been chosen before. Pure.
import type { Plan, PlannedStep } from "../plan/plan.ts";
import { driverOption } from "./driver-option.ts";
import { type ForwardingHost, forwardingSteps } from "./forwarding.ts";
import { type IpFamily, parseIpSubnet } from "./ip.ts";
import { bridgeMac } from "./mac.ts";
import type { NetworkNames } from "./name.ts";
import { planParent } from "./parent-plan.ts";
import { networkRuleSteps } from "./rule-plan.ts";
import { type NetworkPool, type NetworkSpec, poolOf } from "./spec.ts";

/** What planning a network has to know of the host. */
export interface NetworkHost extends ForwardingHost {
  /** firewalld runs here, which refuses what goes through a host between links it has not been told of. */
  readonly firewalld?: boolean;
}

/**
 * Bridge, addresses and rules of a network. The bridge comes up last, so that one that is up is complete. Works whether or not
 * bridged packets pass iptables (net.bridge.bridge-nf-call-iptables). A configuration network (--config-only) is nothing on the host.
 */
export function planNetwork(spec: NetworkSpec, names: NetworkNames, host: NetworkHost): Plan {
  if (spec.configOnly) return { steps: [] };
  if (spec.parent) return planParent(spec);
  const { bridge } = names;
  const [ipv4, ipv6] = [poolOf(spec, "ipv4"), poolOf(spec, "ipv6")];
  const mtuBytes = spec.options?.[driverOption.mtu];
  return {
    steps: [
      ...forwardingSteps({ ipv4: ipv4 !== undefined, ipv6: ipv6 !== undefined }, host, "between containers and its networks"),
      {
        step: {
          kind: "bridge.add",
          name: bridge,
          mac: bridgeMac(spec),
        },
        because: "containers of the network meet at a bridge; a fixed hardware address survives its ports",
        undo: { kind: "link.remove", name: bridge },
      },
      ...(mtuBytes === undefined ? [] : [sizePackets(bridge, Number(mtuBytes))]),
      ...networkRuleSteps(spec, names),
      ...(ipv4 ? [publishOnLoopback(bridge)] : []),
      ...(ipv6 ? ipv6Settings(bridge) : []),
      ...spec.pools.flatMap((pool) => gatewayStep(spec, bridge, pool)),
      ...(host.firewalld ? [trustBridge(bridge)] : []),
      { step: { kind: "link.up", name: bridge }, because: "the bridge forwards" },
    ],
  };
}

const set = (key: string, value: string, because: string): PlannedStep => ({ step: { kind: "sysctl.write", key, value }, because });

const publishOnLoopback = (bridge: string): PlannedStep =>
  set(
    `net.ipv4.conf.${bridge}.route_localnet`,
    "1",
    "ports published on 127.0.0.1 work without a proxy; the raw rules keep containers out of 127.0.0.0/8",
  );

const ipv6Settings = (bridge: string): PlannedStep[] => [
  set(`net.ipv6.conf.${bridge}.disable_ipv6`, "0", "the network has IPv6, also where links of this host begin without"),
  set(`net.ipv6.conf.${bridge}.accept_ra`, "0", "no container tells the host its way"),
  set(`net.ipv6.conf.${bridge}.accept_dad`, "0", "the bridge's own addresses work at once"),
];

/** The host's address on a bridge: none where something else is the gateway, or nothing. */
function gatewayStep(spec: NetworkSpec, bridge: string, { subnet, gateway }: NetworkPool): PlannedStep[] {
  const parsed = parseIpSubnet(subnet);
  if (gateway === undefined || !parsed || !isHostGateway(spec, parsed.family)) return [];
  const detection = parsed.family === "ipv6" ? { withoutDetection: true } : {};
  return [
    {
      step: { kind: "address.add", link: bridge, address: `${gateway}/${parsed.prefixLength}`, ...detection },
      because: "the host is the network's gateway",
    },
  ];
}

const isHostGateway = (spec: NetworkSpec, family: IpFamily): boolean =>
  spec.gatewayMode?.[family] !== "isolated" && (family === "ipv6" || spec.hostHasGateway !== false);

/** As docker does. The isolation of networks is in rules of tsns's own, which firewalld's zones do not change. */
export const trustBridge = (bridge: string): PlannedStep => ({
  step: { kind: "firewalld.trust", link: bridge },
  because: "firewalld leaves the network's packets to the rules of the network",
  undo: { kind: "firewalld.forget", link: bridge },
});

const sizePackets = (bridge: string, mtuBytes: number): PlannedStep => ({
  step: { kind: "link.set", name: bridge, change: { mtuBytes } },
  because: `--opt ${driverOption.mtu}`,
});
